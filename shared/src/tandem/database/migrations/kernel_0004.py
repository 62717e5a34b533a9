"""What the fourth release adds to the kernel: to whom carers are related, and the Consents that let them in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add the tables; before them, a RelatedPerson could not ask for anything."""
    op.create_table(
        "related_person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "carer_consent",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("related_person", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("permits", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "related_person", "patient", "permits", "starts", "ends", "terms"),
    )
    op.create_index("carer_consent_related_person", "carer_consent", ["related_person", "patient"], unique=False)
