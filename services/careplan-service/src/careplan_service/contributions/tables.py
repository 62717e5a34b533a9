"""Who contributed which entry of a plan, and contributions that were taken once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # The entries that shared plans hold now, by their key (`domain/contributions/plan_elements.py`).
    contribution = Table(
        "contribution", metadata,
        Column("plan", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("organisation", Text, nullable=False),
        # The person behind the token (fhirUser), if it named one.
        Column("fhir_user", Text),
        Column("version", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("contribution_key", contribution.c.key)

    # What `$contribute` has taken: asked again under the same name, it answers what it answered.
    Table(
        "contribution_request", metadata,
        Column("plan", Text, primary_key=True),
        Column("organisation", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("digest", Text, nullable=False),
        Column("answer", Text, nullable=False),
    )  # fmt: skip
