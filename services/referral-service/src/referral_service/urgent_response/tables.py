"""Assessments of eligibility, what is known of responses, and why clocks were breached."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    assessment = Table(
        "urgent_assessment", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        # `crisis-response` or `reablement`.
        Column("kind", Text, nullable=False),
        Column("eligible", Integer, nullable=False),
        Column("assessed", BigInteger, nullable=False),
        Column("organisation", Text, nullable=False),
        # `mdt-member` or `community-provider`.
        Column("assessed_by", Text, nullable=False),
        Column("assessor", Text),
        Column("policy", Text, nullable=False),
        # JSON: what was found, and each criterion with its result.
        Column("found", Text, nullable=False),
        Column("note", Text),
        # The ServiceRequest.id that it opened.
        Column("request", Text),
    )  # fmt: skip
    Index("urgent_assessment_person", assessment.c.patient, assessment.c.assessed)
    Index("urgent_assessment_assessed", assessment.c.assessed)

    # What one source says of the response to an urgent request: `Task/[id]`, `recorded` or `request`.
    Table(
        "urgent_fact", metadata,
        Column("request", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("answered", BigInteger),
        Column("responded", BigInteger),
        Column("closed", BigInteger),
        Column("said", Text, nullable=False),
        Column("version", Integer, nullable=False, server_default="0"),
        # Of what was recorded: who did, and in which words.
        Column("organisation", Text),
        Column("note", Text),
    )  # fmt: skip

    Table(
        "urgent_breach_reason", metadata,
        Column("request", Text, primary_key=True),
        Column("reason", Text, nullable=False),
        Column("note", Text),
        Column("organisation", Text, nullable=False),
        Column("recorded", BigInteger, nullable=False),
    )  # fmt: skip
