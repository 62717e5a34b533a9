"""The kernel's tables, residency statements, members and groups."""

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
    _residency_statement()
    _group_member()
    _cohort_group()


def _residency_statement() -> None:
    op.create_table(
        "residency_statement",
        sa.Column("reference", sa.Text(), primary_key=True),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger()),
    )
    op.create_index("residency_statement_patient", "residency_statement", ["patient"])


def _group_member() -> None:
    op.create_table(
        "group_member",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("since_date", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.UniqueConstraint("cohort", "patient", "number", name="group_member_number"),
    )
    current = sa.text("until IS NULL")
    op.create_index(
        "group_member_current", "group_member", ["cohort", "patient"], unique=True, postgresql_where=current,
        sqlite_where=current,
    )  # fmt: skip


def _cohort_group() -> None:
    op.create_table(
        "cohort_group",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.UniqueConstraint("cohort", "practice", name="cohort_group_practice"),
    )
