"""What the fifth release adds to the kernel: how an inbox is pruned, and who was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add columns that an older process leaves empty, and tables that it does not know."""
    op.add_column("inbox", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("inbox", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("inbox", sa.Column("position", sa.BigInteger(), nullable=True))
    op.create_index("inbox_at", "inbox", ["at"], unique=False)
    op.create_table(
        "inbox_pruned",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "kind"),
    )
    op.create_table(
        "erasure",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
