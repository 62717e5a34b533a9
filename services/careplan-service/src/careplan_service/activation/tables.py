"""For which cohorts the Patient Activation Measure was published to be used."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Days are ISO dates, times microseconds since 1970 (UTC)."""
    # Every version that was published; the highest of a cohort holds. Those that ship with the service are version 1.
    Table(
        "pam_cohort", metadata,
        Column("cohort", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Text, nullable=False),
        Column("last_day", Text),
        Column("source", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
