"""Long requests of jobs."""

from __future__ import annotations

from tandem.database.migrations import kernel_0006

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0006.upgrade()
