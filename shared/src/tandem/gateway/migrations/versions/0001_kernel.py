"""The kernel's tables; of these the gateway uses `job` alone."""

from __future__ import annotations

from tandem.database.migrations import kernel_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0001.upgrade()
