"""What the sixth release adds to the kernel: the place of long requests of jobs on SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add a table that an older process does not know. Requests that are there stay where they are."""
    op.create_table(
        "job_request",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job"),
    )
