"""The kernel's tables, and how far each loop has come."""

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
        "referral_loop",
        sa.Column("request", sa.Text(), primary_key=True),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("closed", sa.BigInteger()),
    )
