"""Tables of a network's funding. Days are date.toordinal(), times microseconds, amounts pence; parties are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # The one designated fund of a network.
    Table(
        "network_fund", metadata,
        Column("network", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("holder", Text, nullable=False),
        Column("designated_day", Integer, nullable=False),
        Column("designated_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # What was paid into it.
    Table(
        "network_payment", metadata,
        Column("network", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("stream", Text, nullable=False),
        Column("pence", BigInteger, nullable=False),
        Column("paid_day", Integer, nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # A claim of reimbursement for a role in a month; `wte` in hundredths of a whole-time equivalent.
    claim = Table(
        "role_claim", metadata,
        Column("network", Text, primary_key=True),
        Column("role", Text, primary_key=True),
        Column("month", Integer, primary_key=True, autoincrement=False),
        Column("wte", Integer, nullable=False),
        Column("claimed_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Index("role_claim_month", claim.c.network, claim.c.month)
    # The rules of the impact fund by financial year; the newest version counts.
    Table(
        "impact_fund_rules", metadata,
        Column("year", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("rules_json", LargeBinary, nullable=False),
        Column("published_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # What a network achieved; the value is a decimal as text.
    Table(
        "impact_fund_achievement", metadata,
        Column("network", Text, primary_key=True),
        Column("year", Text, primary_key=True),
        Column("element", Text, primary_key=True),
        Column("value", Text, nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
