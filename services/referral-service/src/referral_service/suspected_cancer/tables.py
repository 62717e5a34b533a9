"""Tables of suspected cancer referrals. Days are ISO dates, times microseconds, organisations codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # Birth date and gender as the Patient has them, from its events; an unknown one is NULL.
    Table(
        "cancer_person", metadata,
        Column("patient", Text, primary_key=True),
        Column("birth", Text),
        Column("gender", Text),
    )  # fmt: skip
    # Published versions of the criteria; `area` is a commissioner's code, or empty for everywhere. `content` is JSON.
    Table(
        "cancer_criteria", metadata,
        Column("version", Text, primary_key=True),
        Column("area", Text, nullable=False),
        Column("first_day", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Table(
        "cancer_protocol", metadata,
        Column("network", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # `pathway` is rapid-diagnostic-centre or a cancer site; `area` a network or a commissioner.
    Table(
        "cancer_pathway", metadata,
        Column("area", Text, primary_key=True),
        Column("pathway", Text, primary_key=True),
        Column("first_day", Text, primary_key=True),
        Column("last_day", Text),
        Column("performer", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # How each referral was judged when it was made. `judgement` is JSON.
    referral = Table(
        "cancer_referral", metadata,
        Column("request", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("judged", BigInteger, nullable=False),
        Column("judgement", LargeBinary, nullable=False),
        # The ServiceRequest for extra support that was raised for it.
        Column("support", Text),
    )  # fmt: skip
    Index("cancer_referral_patient", referral.c.patient)
