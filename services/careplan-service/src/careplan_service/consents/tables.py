"""What people said when they were asked to share their enriched summary."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Times are microseconds since 1970 (UTC)."""
    consent = Table(
        "summary_consent", metadata,
        Column("consent", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        # yes, no or withdrawn, and when that was said; a yes holds from `starts` until `ends`.
        Column("said", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("summary_consent_patient", consent.c.patient)
