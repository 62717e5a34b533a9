"""The answers of responses to shipped Questionnaires, and the plans they belong to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # One row a response that counts: neither deleted nor entered in error.
    response = Table(
        "questionnaire_response", metadata,
        Column("id", Text, primary_key=True),
        Column("questionnaire", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("status", Text, nullable=False),
        # When it was authored; when it was written, if it does not say.
        Column("authored", BigInteger, nullable=False),
        # The References as they were sent, as JSON, and the type each names.
        Column("author", Text),
        Column("author_kind", Text),
        Column("source", Text),
        Column("source_kind", Text),
        # The organisation that wrote its first version.
        Column("organisation", Text, nullable=False),
        # The response whose part it is.
        Column("whole", Text),
    )  # fmt: skip
    Index("questionnaire_response_patient", response.c.patient, response.c.questionnaire, response.c.authored)
    Index("questionnaire_response_whole", response.c.whole)

    # Its answers in their order; `value` is the value[x] as JSON, such as {"valueDate": "2020-07-01"}.
    answer = Table(
        "response_answer", metadata,
        Column("response", Text, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("section", Text, nullable=False),
        Column("link_id", Text, nullable=False),
        Column("value", Text, nullable=False),
    )  # fmt: skip
    Index("response_answer_link_id", answer.c.link_id, answer.c.response)

    # Which plans it belongs to: because it says so, or because the plan does. Counts for one person only.
    plan = Table(
        "response_plan", metadata,
        Column("response", Text, primary_key=True),
        Column("plan", Text, primary_key=True),
        # The record that says so: `response` (basedOn) or `plan` (supportingInfo).
        Column("said_by", Text, primary_key=True),
        Column("patient", Text, nullable=False),
    )  # fmt: skip
    Index("response_plan_plan", plan.c.plan)
