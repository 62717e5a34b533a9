"""Tables of the scheme's terms. Days are date.toordinal(), times microseconds, amounts pence; parties are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # A commissioner's yearly variation of the terms, which are per registered patient.
    Table(
        "scheme_variation", metadata,
        Column("commissioner", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("upfront_pence", BigInteger, nullable=False),
        Column("final_pence", BigInteger, nullable=False),
        Column("final_due_day", Integer),
        Column("due_days", Integer, nullable=False),
        Column("reason", Text, nullable=False),
        Column("published_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
