"""The kernel's tables, plans, goals, stays, clocks and activities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tandem.database.migrations import kernel_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0001.upgrade()
    _shared_plan()
    _personal_goal()
    _residency()
    _plan_clock()
    _plan_activity()


def _shared_plan() -> None:
    op.create_table(
        "shared_plan",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("agreed", sa.BigInteger()),
    )
    op.create_index("shared_plan_patient", "shared_plan", ["patient"])
    active = sa.text("status = 'active'")
    op.create_index(
        "shared_plan_one_active", "shared_plan", ["patient"], unique=True, postgresql_where=active, sqlite_where=active
    )


def _personal_goal() -> None:
    op.create_table(
        "personal_goal",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("expressed", sa.Integer(), nullable=False),
    )
    op.create_index("personal_goal_patient", "personal_goal", ["patient"])


def _residency() -> None:
    op.create_table(
        "residency",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
    )


def _plan_clock() -> None:
    op.create_table(
        "plan_clock",
        sa.Column("residency", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.BigInteger()),
        sa.Column("closed", sa.BigInteger()),
    )
    op.create_index("plan_clock_plan", "plan_clock", ["plan"])
    op.create_index("plan_clock_patient", "plan_clock", ["patient", "kind"])
    op.create_index("plan_clock_due", "plan_clock", ["due"])


def _plan_activity() -> None:
    op.create_table(
        "plan_activity",
        sa.Column("plan", sa.Text(), primary_key=True),
        sa.Column("reference", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
