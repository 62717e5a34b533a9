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
        "support_service",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("stated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.create_index("support_service_provider", "support_service", ["provider"], unique=False)
    op.create_table(
        "support_service_area",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", "area"),
    )
    op.create_index("support_service_area_area", "support_service_area", ["area"], unique=False)
    op.create_table(
        "support_service_offer",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service", "offer"),
    )
    op.create_index("support_service_offer_offer", "support_service_offer", ["offer"], unique=False)
