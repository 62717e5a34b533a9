"""Long requests of jobs."""

from __future__ import annotations

from tandem.database.migrations import kernel_0006

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0006.upgrade()
