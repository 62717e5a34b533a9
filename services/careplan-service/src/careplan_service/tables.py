"""The tables of careplan-service: the kernel's, and what its rules keep of plans, goals, stays and work.

Times are microseconds since 1970 (UTC).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text

from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

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

# Stays in a care home as cohort-service tells them; `revision` orders what it said.
residency = Table(
    "residency", metadata,
    Column("id", Text, primary_key=True),
    Column("patient", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("revision", Integer, nullable=False),
)  # fmt: skip

# What is due by when. Nothing says overdue: that is a comparison at read.
plan_clock = Table(
    "plan_clock", metadata,
    Column("residency", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("stopped", BigInteger),
    Column("closed", BigInteger),
)  # fmt: skip
Index("plan_clock_plan", plan_clock.c.plan)
Index("plan_clock_patient", plan_clock.c.patient, plan_clock.c.kind)
Index("plan_clock_due", plan_clock.c.due)

# Tasks and ServiceRequests based on a plan, also those heard of before the plan.
plan_activity = Table(
    "plan_activity", metadata,
    Column("plan", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("patient", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)  # fmt: skip
