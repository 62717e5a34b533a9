"""The kernel's tables, and facts."""

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
    op.create_table(
        "fact",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("patient", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("category", sa.Text()),
        sa.Column("opened_on", sa.Integer()),
        sa.Column("ended_on", sa.Integer()),
        sa.Column("seen_on", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Integer()),
        sa.Column("closed_on", sa.Integer()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger()),
    )
    op.create_index("fact_patient", "fact", ["kind", "patient"])
