"""An index of the facts that have a place, of which there are few: the pages of care homes find theirs by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    placed = sa.text("place IS NOT NULL")
    op.create_index(
        "told_fact_place", "told_fact", ["place", "kind", "first"], unique=False, postgresql_where=placed,
        sqlite_where=placed,
    )  # fmt: skip
