"""What the seventh release adds to the kernel: NHS numbers that a person had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add a table that an older process does not know."""
    op.create_table(
        "former_nhs_number",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("nhs_number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("patient", "nhs_number"),
    )
