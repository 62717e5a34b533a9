"""Tables of invitations. Days are days in London since 1 January 1970, times microseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # Every step of an offer of a service to a person; a letter is one row, its kind follows the Communication.
    step = Table(
        "offer_step", metadata,
        Column("id", Text, primary_key=True),
        Column("service", Text, nullable=False),
        Column("patient", Text, nullable=False),
        # letter-requested, withdrawn, invited, accepted, declined, no-response or done
        Column("kind", Text, nullable=False),
        Column("day", Integer, nullable=False),
        # orders the steps of a person as they became known; a letter moves on when it is sent
        Column("number", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("communication", Text),
        # whose word it is, and of which organisation (a code)
        Column("author", Text, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("text", Text),
    )  # fmt: skip
    Index("offer_step_patient", step.c.patient, step.c.service)
    Index("offer_step_communication", step.c.communication, unique=True)
    # Where the offer stands, derived from the steps in the same transaction. Without a row nothing was offered.
    Table(
        "offer_progress", metadata,
        Column("service", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("status", Text, nullable=False),
        Column("day", Integer, nullable=False),
        Column("offered_day", Integer),
        Column("communication", Text),
    )  # fmt: skip
