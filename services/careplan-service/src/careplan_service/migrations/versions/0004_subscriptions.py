"""Subscriptions."""

from __future__ import annotations

from tandem.database.migrations import kernel_0003

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_0003.upgrade()
