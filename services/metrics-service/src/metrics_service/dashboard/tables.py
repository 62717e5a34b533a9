"""Table of the dashboard."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`."""
    # Whose overview was read (by whom is in the audit trail), and when last: a day, as date.toordinal().
    Table(
        "overview_read", metadata,
        Column("organisation", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("last_read", Integer, nullable=False),
    )  # fmt: skip
