"""Tables of assurance forms. Days are date.toordinal(), times microseconds, `*_json` is JSON; parties are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # A baseline return of a case register, as cohort-service told of it.
    Table(
        "baseline_return", metadata,
        Column("practice", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("day", Integer, nullable=False),
        Column("fields_json", LargeBinary, nullable=False),
    )  # fmt: skip
    # draft, submitted, returned, approved. The baseline is kept as it was when the form was submitted.
    Table(
        "assurance_form", metadata,
        Column("practice", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("form_json", LargeBinary, nullable=False),
        Column("baseline_json", LargeBinary),
        Column("submitted_day", Integer),
        Column("submitted_by", Text),
        Column("decided_day", Integer),
        Column("decided_by", Text),
        Column("reason", Text),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # Practices that a form names as working with it: each may read that entry.
    collaboration = Table(
        "assurance_collaboration", metadata,
        Column("practice", Text, primary_key=True),
        Column("with_practice", Text, primary_key=True),
    )
    Index("assurance_collaboration_with", collaboration.c.with_practice)
