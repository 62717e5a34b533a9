"""The tables of erasure. An order knows the person by a digest alone (`tandem.retention.tombstones`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds."""
    order = Table(
        "erasure_order", metadata,
        Column("id", Text, primary_key=True),
        Column("digest", Text, nullable=False),
        # retention-ended or order, the reason in words, who approved and who gave it, and the version of the policy.
        Column("grounds", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("approver", Text, nullable=False),
        Column("ordered_by", Text, nullable=False),
        Column("policy", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("erasure_order_digest", order.c.digest, unique=True)
    # What each service has removed, as JSON of counts by table.
    Table(
        "erasure_answer", metadata,
        Column("digest", Text, primary_key=True),
        Column("service", Text, primary_key=True),
        Column("removed", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # Whose records must not be erased while it stands, whatever their age.
    Table(
        "legal_hold", metadata,
        Column("patient", Text, primary_key=True),
        Column("reason", Text, nullable=False),
        Column("placed_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
