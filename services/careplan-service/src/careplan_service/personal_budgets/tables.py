"""Legal rights to a personal health budget, and what commissioners offer by year."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC), days ISO dates."""
    # One row a Flag of a legal right that counts; `ends` exclusive.
    right = Table(
        "budget_right", metadata,
        Column("flag", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("budget_right_patient", right.c.patient)
    # Every version of what a commissioner (a code, '' for all) offers from a year on; `promote` and `direct` are JSON.
    Table(
        "budget_year", metadata,
        Column("commissioner", Text, primary_key=True),
        Column("year", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("promote", Text, nullable=False),
        Column("direct", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
