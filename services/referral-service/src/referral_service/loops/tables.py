"""How far each loop has come."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # `outcome` is the status of the Task that ended the loop.
    Table(
        "referral_loop", metadata,
        Column("request", Text, primary_key=True),
        Column("task", Text, nullable=False),
        Column("patient", Text, nullable=False),
        Column("opened", BigInteger, nullable=False),
        Column("outcome", Text),
        Column("closed", BigInteger),
    )  # fmt: skip
