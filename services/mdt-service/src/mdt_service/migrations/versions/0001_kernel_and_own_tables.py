"""The kernel's tables, and which Task fulfils which request."""

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
        "fulfilment",
        sa.Column("request", sa.Text(), primary_key=True),
        sa.Column("task", sa.Text()),
        sa.Column("withdrawn", sa.Integer(), nullable=False, server_default="0"),
    )
