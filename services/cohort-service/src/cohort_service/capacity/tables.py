"""Tables of capacity. Days are days in London since 1 January 1970, times microseconds, `*_json` is JSON."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # What a network assumes instead of the published figures; `number` counts its changes, nothing is ever replaced.
    Table(
        "capacity_assumption", metadata,
        Column("network", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("name", Text, primary_key=True),
        Column("value", Float(53), nullable=False),
        Column("from_day", Integer, nullable=False),
        Column("reason", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # A network's request for a lower offer rate, with the plan that was its evidence, and the commissioner's decision.
    request = Table(
        "offer_rate_request", metadata,
        Column("id", Text, primary_key=True),
        Column("network", Text, nullable=False),
        Column("service", Text, nullable=False),
        Column("percent", Float(53), nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("evidence", Text, nullable=False),
        Column("attempts_json", LargeBinary, nullable=False),
        Column("plan_json", LargeBinary, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        # approved or declined, by a commissioner (a code)
        Column("decision", Text),
        Column("decided", BigInteger),
        Column("decided_by", Text),
        Column("decided_by_user", Text),
        Column("reason", Text),
    )  # fmt: skip
    Index("offer_rate_request_network", request.c.network, request.c.service)
