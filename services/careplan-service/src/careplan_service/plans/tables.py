"""Shared plans, goals, the work based on a plan, and how long people lived."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # The shared plans. `agreed` is when an organisation last left the plan active.
    shared_plan = Table(
        "shared_plan", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("agreed", BigInteger),
    )  # fmt: skip
    Index("shared_plan_patient", shared_plan.c.patient)
    # One active plan a person, also when two are agreed at once.
    Index(
        "shared_plan_one_active", shared_plan.c.patient, unique=True,
        postgresql_where=text("status = 'active'"), sqlite_where=text("status = 'active'"),
    )  # fmt: skip

    # A person's goals, as far as agreeing a plan asks for them.
    personal_goal = Table(
        "personal_goal", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("expressed", Integer, nullable=False),
    )  # fmt: skip
    Index("personal_goal_patient", personal_goal.c.patient)

    # Tasks and ServiceRequests based on a plan, also those heard of before the plan.
    activity = Table(
        "plan_activity", metadata,
        Column("plan", Text, primary_key=True),
        Column("reference", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        # In words; the References of who does it, as JSON; the ids of the Goals it goes towards, as JSON.
        Column("description", Text),
        Column("performers", Text),
        Column("goals", Text),
    )  # fmt: skip
    Index("plan_activity_reference", activity.c.reference)

    # When a person was born and died, as Patient says it (FHIR dates). `dead` is 1 also without a date of death.
    Table(
        "person_life", metadata,
        Column("patient", Text, primary_key=True),
        Column("born", Text),
        Column("died", Text),
        Column("dead", Integer, nullable=False),
    )  # fmt: skip
