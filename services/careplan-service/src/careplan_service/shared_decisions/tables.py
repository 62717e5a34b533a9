"""Situations of shared decisions that were published after those that ship."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Days are ISO dates, times microseconds since 1970 (UTC)."""
    # Every version that was published; the highest of a situation holds. Those that ship are version 1.
    Table(
        "decision_situation", metadata,
        Column("id", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("title", Text, nullable=False),
        # JSON, a list of [system, code]
        Column("codes", Text, nullable=False),
        Column("lead", Text),
        Column("trained", Integer, nullable=False),
        Column("first_day", Text, nullable=False),
        Column("last_day", Text),
        Column("source", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
