"""Tables of case management. Times are microseconds since 1970 (UTC), days numbers of days in London."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # Stays in hospital and attendances, as the Encounters of cohort-service tell of them now.
    contact = Table(
        "hospital_contact", metadata,
        Column("encounter", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger),
        # the day on which it began
        Column("day", Integer, nullable=False),
        Column("place", Text, nullable=False),
        # who recorded it (a code)
        Column("source", Text, nullable=False),
    )  # fmt: skip
    Index("hospital_contact_patient", contact.c.patient, contact.c.starts)
    Index("hospital_contact_starts", contact.c.starts)
    # The Tasks that follow up a discharge, and who was told of an admission or a move.
    follow_up = Table(
        "hospital_follow_up", metadata,
        Column("task", Text, primary_key=True),
        Column("patient", Text, nullable=False),
    )  # fmt: skip
    Index("hospital_follow_up_patient", follow_up.c.patient)
    notice = Table(
        "hospital_notice", metadata,
        Column("communication", Text, primary_key=True),
        Column("encounter", Text, nullable=False),
        Column("member", Text, nullable=False),
    )  # fmt: skip
    Index("hospital_notice_encounter", notice.c.encounter)
    # Reviews: of one contact (`encounter`), or of a practice's month or a home as a whole (`scope`).
    review = Table(
        "admission_review", metadata,
        Column("task", Text, primary_key=True),
        Column("encounter", Text),
        Column("scope", Text),
        Column("decision", Text),
        Column("day", Integer, nullable=False),
    )  # fmt: skip
    Index("admission_review_encounter", review.c.encounter)
    Index("admission_review_scope", review.c.scope)
