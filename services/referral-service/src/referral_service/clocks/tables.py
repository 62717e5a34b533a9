"""The clocks of requests."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from tandem.identity.periods import FOREVER


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # Nothing says overdue: that is a comparison at read. No row is ever deleted. One that has ended before it is known
    # when it began has no `starts` yet, and is shown nowhere.
    clock = Table(
        "request_clock", metadata,
        Column("request", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("patient", Text),
        Column("policy", Text),
        # The code of the organisation that has to do what the clock asks for.
        Column("owner", Text),
        Column("starts", BigInteger),
        Column("due", BigInteger),
        Column("warn", BigInteger),
        Column("stopped", BigInteger),
        Column("stopped_how", Text),
        Column("closed", BigInteger),
        Column("closed_why", Text),
        # The first of both, else the end of time.
        Column("settled", BigInteger, nullable=False, server_default=str(FOREVER)),
        # Counts the changes; orders what is said of it.
        Column("revision", Integer, nullable=False, server_default="0"),
        # The due time of which the warning, and the breach, were told.
        Column("warned", BigInteger),
        Column("told", BigInteger),
    )  # fmt: skip
    # The open ones are few among all that ever were.
    Index("request_clock_settled", clock.c.settled, clock.c.due)
    Index("request_clock_person", clock.c.patient, clock.c.settled)
    Index("request_clock_owner", clock.c.owner, clock.c.settled)
    Index("request_clock_due", clock.c.kind, clock.c.due)
