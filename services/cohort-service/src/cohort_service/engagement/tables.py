"""Contacts with people about lists, what became of them, and the screening processes of networks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Days are as in facts, times microseconds."""
    # What the newest version of a Communication says; without a day it is no contact (any more).
    contact = Table(
        "engagement_contact", metadata,
        Column("communication", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("patient", Text),
        Column("list", Text),
        Column("channel", Text),
        Column("day", Integer),
    )  # fmt: skip
    Index("engagement_contact_patient", contact.c.patient)
    # What became of an invitation, one row each time that it was said: attended, declined, did-not-attend.
    outcome = Table(
        "engagement_outcome", metadata,
        Column("id", Text, primary_key=True),
        Column("cohort", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("text", Text),
        Column("author", Text, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("engagement_outcome_patient", outcome.c.patient)
    # `process` is JSON: the lists that it is for, and its steps.
    Table(
        "screening_process", metadata,
        Column("organisation", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("from_day", Integer, nullable=False),
        Column("process", LargeBinary, nullable=False),
        Column("made", BigInteger, nullable=False),
        Column("made_by", Text, nullable=False),
    )  # fmt: skip
