"""Support offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_offer_area",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("by_provider", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service", "offer", "area"),
    )
    op.create_index("support_offer_area_area", "support_offer_area", ["area", "by_provider", "offer"], unique=False)
