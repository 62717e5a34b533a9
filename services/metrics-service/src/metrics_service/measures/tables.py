"""Tables of measures. Days are date.toordinal(), times microseconds; organisations are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # To which lists of people a measure applies in the area of an organisation, from a day on; `lists` is JSON.
    Table(
        "measure_groups", metadata,
        Column("measure", Text, primary_key=True),
        Column("organisation", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Integer, nullable=False),
        Column("lists", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("set_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
