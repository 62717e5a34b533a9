"""Extracts that were made, the parts that can be fetched for a time, and the keys of their pseudonyms."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds, days as in facts, `*_json` is JSON."""
    # One key for each recipient of an organisation; a key that is replaced is gone.
    Table(
        "pseudonym_key", metadata,
        Column("owner", Text, primary_key=True),
        Column("recipient", Text, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("made", Integer, nullable=False),
    )  # fmt: skip
    # By what the setting TANDEM_PSEUDONYM_KEY is known again, in the one row 1.
    Table(
        "pseudonym_setting", metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("fingerprint", Text, nullable=False),
    )  # fmt: skip
    Table(
        "extract", metadata,
        Column("id", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("recipient", Text, nullable=False),
        # the practice or network by code; NULL for everybody
        Column("organisation", Text),
        Column("as_of", Integer, nullable=False),
        Column("format", Text, nullable=False),
        Column("smallest", Integer, nullable=False),
        Column("key_number", Integer, nullable=False),
        Column("started", BigInteger, nullable=False),
        Column("finished", BigInteger),
        Column("people", Integer, nullable=False, server_default="0"),
        # the groups of enough people, which are given; emptied when the extract is complete
        Column("large_json", LargeBinary),
    )  # fmt: skip
    Table(
        "extract_part", metadata,
        Column("extract", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("people", Integer, nullable=False),
        Column("made", BigInteger, nullable=False, index=True),
        Column("body", LargeBinary, nullable=False),
    )  # fmt: skip
