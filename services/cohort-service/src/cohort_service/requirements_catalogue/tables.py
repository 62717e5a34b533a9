"""The tables of the requirement catalogue. Days are days in London since 1 January 1970, times microseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # What was published or added here; version one of a national requirement ships with the service. `holder` is the
    # commissioner of a local one; `content` is JSON.
    version = Table(
        "requirement_version", metadata,
        Column("requirement", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("holder", Text),
        Column("content", LargeBinary, nullable=False),
        Column("made", BigInteger, nullable=False),
        Column("made_by", Text, nullable=False),
    )  # fmt: skip
    Index("requirement_version_holder", version.c.holder)
    # A requirement switched on or off for a network from a day on.
    Table(
        "requirement_switch", metadata,
        Column("organisation", Text, primary_key=True),
        Column("requirement", Text, primary_key=True),
        Column("first_day", Integer, primary_key=True, autoincrement=False),
        Column("switched_on", Integer, nullable=False),
        Column("made", BigInteger, nullable=False),
        Column("made_by", Text, nullable=False),
    )  # fmt: skip
    # What the service put at its last start, so that the next one need not look at each of them.
    Table(
        "requirement_seed", metadata,
        Column("name", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
    )  # fmt: skip
