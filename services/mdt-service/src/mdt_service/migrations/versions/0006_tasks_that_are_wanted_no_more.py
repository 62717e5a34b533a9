"""Tasks that are wanted no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("ended_task", sa.Column("task", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("task"))
