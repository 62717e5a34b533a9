"""Tables of the scheme's payments. Days are date.toordinal(), times microseconds, amounts pence; parties are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # What was paid: the instalment of a month, or the final payment of the terms that begin on a day.
    Table(
        "scheme_payment", metadata,
        Column("practice", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("pence", BigInteger, nullable=False),
        Column("paid_day", Integer, nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # Whether performance under the terms that begin on a day was satisfactory; the newest decision counts.
    Table(
        "performance_decision", metadata,
        Column("practice", Text, primary_key=True),
        Column("terms", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("satisfactory", Integer, nullable=False),
        Column("reason", Text),
        Column("decided_day", Integer, nullable=False),
        Column("decided_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # What the commissioner claims back, and from when the practice delivers no more, if it stopped.
    Table(
        "payment_recovery", metadata,
        Column("practice", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("pence", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        Column("stopped_day", Integer),
        Column("recorded_day", Integer, nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # A commissioner's request for how the funding was spent, and the practice's answer.
    Table(
        "funding_breakdown", metadata,
        Column("practice", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("asked_day", Integer, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("lines_json", LargeBinary),
        Column("answered_day", Integer),
        Column("answered_by", Text),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
