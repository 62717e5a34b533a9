"""Stays in a care home, what starts and stops clocks, and the clocks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from tandem.identity.periods import FOREVER


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # Stays in a care home as cohort-service tells them, each with the plan that was opened or found for it.
    Table(
        "residency", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("plan", Text, nullable=False),
        Column("revision", Integer, nullable=False),
    )  # fmt: skip

    # What happened to a person that clocks depend on and no other table tells: a version of a plan, an inpatient
    # Encounter, a provider's part in care, a death. `source` is the record that says so.
    fact = Table(
        "clock_fact", metadata,
        Column("source", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        # When it ended, for what lasts; NULL while it does.
        Column("until", BigInteger),
        Column("plan", Text),
        # The day that a review set for the next one.
        Column("next", Text),
        Column("version", Integer, nullable=False),
    )  # fmt: skip
    Index("clock_fact_patient", fact.c.patient)

    # What is due by when. Nothing says overdue: that is a comparison at read. No row is ever deleted: a clock whose
    # cause was withdrawn is closed where it starts.
    plan_clock = Table(
        "plan_clock", metadata,
        # `membership/[id]`, or the record that started it.
        Column("cause", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        # Empty for a person without a shared plan.
        Column("plan", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("policy", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("due", BigInteger, nullable=False),
        Column("warn", BigInteger, nullable=False, server_default="0"),
        Column("stopped", BigInteger),
        Column("closed", BigInteger),
        # The first of both, else the end of time.
        Column("settled", BigInteger, nullable=False, server_default=str(FOREVER)),
        # 1 when it comes before others that are as late.
        Column("first", Integer, nullable=False, server_default="0"),
        # Counts the changes; orders what is said of it.
        Column("revision", Integer, nullable=False, server_default="0"),
        # The due time of which the warning, and the breach, were told.
        Column("warned", BigInteger),
        Column("told", BigInteger),
    )  # fmt: skip
    Index("plan_clock_plan", plan_clock.c.plan)
    Index("plan_clock_due", plan_clock.c.due)
    # The open ones are few among all that ever were, of a person too.
    Index("plan_clock_person", plan_clock.c.patient, plan_clock.c.settled)
    Index("plan_clock_settled", plan_clock.c.settled, plan_clock.c.due, plan_clock.c.patient)
