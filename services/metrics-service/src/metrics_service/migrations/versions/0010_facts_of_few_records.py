"""An index that holds what is asked of facts of which there are few. It is built while writers of facts wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    few = f"known_until = {2**62} AND kind NOT IN ('condition', 'encounter', 'observation', 'prescription')"
    if op.get_bind().dialect.name == "postgresql":
        # As `tandem.fhir.search.folding.bounded` does: what was kept at any length may be too long for the index.
        for word in ("status", "category", "detail"):
            digest = f"encode(sha256(convert_to({word}, 'UTF8')), 'hex')"
            op.execute(f"UPDATE told_fact SET {word} = left({word}, 200) || '#' || {digest} WHERE length({word}) > 300")
    op.create_index(
        "told_fact_of_few",
        "told_fact",
        ["kind", "first"],
        unique=False,
        postgresql_include=["patient", "last", "status", "category", "detail", "practice", "organisation"],
        postgresql_where=sa.text(few),
        sqlite_where=sa.text("kind IS NULL"),
    )
