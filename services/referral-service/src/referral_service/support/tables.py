"""The table of support that is asked for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`. Times are microseconds since 1970 (UTC)."""
    # The deliveries of regular support that were asked for, a Task each.
    delivery = Table(
        "support_delivery", metadata,
        Column("task", Text, primary_key=True),
        Column("request", Text, nullable=False),
        # Its first day and its number on it (domain/support/occurrences.py), and the end of its last day.
        Column("place", Text, nullable=False),
        Column("due", BigInteger, nullable=False),
        # What its Task said in the newest version that was heard of, and when it came to its end.
        Column("task_status", Text),
        Column("task_version", Integer, nullable=False, server_default="0"),
        Column("ended", BigInteger),
        Column("reason", Text),
    )  # fmt: skip
    Index("support_delivery_request", delivery.c.request, delivery.c.due)
