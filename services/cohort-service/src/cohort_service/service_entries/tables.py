"""What the CarePlans of other services say of plans and budgets."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Days are as in facts."""
    entry = Table(
        "service_entry", metadata,
        Column("reference", Text, primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("day", Integer),
        Column("service", Text),
    )  # fmt: skip
    Index("service_entry_patient", entry.c.patient)
