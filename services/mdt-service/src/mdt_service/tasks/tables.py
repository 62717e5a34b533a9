"""Which Task fulfils which request, which are wanted no more, and whose Task is due when."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # `withdrawn` may be known before the Task is asked for; then there will be none.
    Table(
        "fulfilment", metadata,
        Column("request", Text, primary_key=True),
        Column("task", Text),
        Column("withdrawn", Integer, nullable=False, server_default="0"),
    )  # fmt: skip
    # A Task that was asked for and is wanted no more; that may be known before it is asked for.
    Table("ended_task", metadata, Column("task", Text, primary_key=True))
    # A Task about a person: whose it is (an organisation's code, or a reference), by when, and when it ended.
    clock = Table(
        "task_clock", metadata,
        Column("task", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("kind", Text),
        Column("owner", Text),
        # the kind of staff that it waits for
        Column("performer", Text),
        Column("status", Text, nullable=False),
        Column("made", BigInteger, nullable=False),
        Column("due", BigInteger),
        Column("ended", BigInteger),
    )  # fmt: skip
    Index("task_clock_owner", clock.c.owner, clock.c.ended, clock.c.due)
    Index("task_clock_performer", clock.c.performer, clock.c.ended, clock.c.due)
    Index("task_clock_patient", clock.c.patient)
