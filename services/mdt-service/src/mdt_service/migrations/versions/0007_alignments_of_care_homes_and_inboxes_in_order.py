"""Alignments of care homes and inboxes in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tandem.database.migrations.ordered_pairs import fill_ordered_pairs

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home_alignment",
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("affiliation"),
    )
    op.create_index("home_alignment_home", "home_alignment", ["home"], unique=False)
    fill_ordered_pairs(op.get_bind())
