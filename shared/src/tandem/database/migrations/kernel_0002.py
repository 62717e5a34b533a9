"""What the second release adds to the kernel's tables: the terms that a sharing agreement is limited to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add the column; agreements that are there have no terms, which limits them to nothing."""
    op.add_column("agreement", sa.Column("terms", sa.Text(), server_default="", nullable=False))
