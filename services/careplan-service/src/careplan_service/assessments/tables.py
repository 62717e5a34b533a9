"""Who was given which parts of an assessment."""

from __future__ import annotations

from sqlalchemy import Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`."""
    # The Tasks that assign parts. `owner` is a Reference and `sections` a list of linkIds, both as JSON.
    assignment = Table(
        "assessment_assignment", metadata,
        Column("task", Text, primary_key=True),
        Column("whole", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("sections", Text, nullable=False),
        Column("status", Text, nullable=False),
    )  # fmt: skip
    Index("assessment_assignment_whole", assignment.c.whole)
