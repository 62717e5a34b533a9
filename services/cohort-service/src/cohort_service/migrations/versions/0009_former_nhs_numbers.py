"""NHS numbers that a person had."""

from __future__ import annotations

from tandem.database.migrations import kernel_0007

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0007.upgrade()
