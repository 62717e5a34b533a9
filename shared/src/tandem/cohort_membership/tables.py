"""Memberships of cohorts."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Days are ISO dates."""
    # `until` is the first day off the list. `revision` is the newest that was heard, and says whether there is an
    # `until`; `entered` is the newest that said `since`, 0 and without a `since` when only the leaving was heard.
    member = Table(
        "cohort_member", metadata,
        Column("residency", Text, primary_key=True),
        Column("cohort", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("since", Text),
        Column("until", Text),
        Column("revision", Integer, nullable=False),
        Column("entered", Integer, nullable=False),
        Column("definition", Text, nullable=False),
    )  # fmt: skip
    Index("cohort_member_patient", member.c.patient)
    Index("cohort_member_cohort", member.c.cohort, member.c.patient)
