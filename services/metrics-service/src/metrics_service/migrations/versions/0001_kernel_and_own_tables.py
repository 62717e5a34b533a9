"""The kernel's tables, and the facts that are counted."""

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
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("opened", sa.BigInteger()),
        sa.Column("due", sa.BigInteger()),
        sa.Column("reached", sa.BigInteger()),
        sa.Column("ended", sa.BigInteger()),
    )
    op.create_index("fact_patient", "fact", ["patient", "kind"])
