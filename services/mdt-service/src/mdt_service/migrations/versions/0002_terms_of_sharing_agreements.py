"""Terms of sharing agreements."""

from __future__ import annotations

from tandem.database.migrations import kernel_0002

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0002.upgrade()
