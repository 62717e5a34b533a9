"""How far each referral has come, what happened to it in order, and under which business identifiers it is known."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    _loops(metadata)
    step = Table(
        "referral_step", metadata,
        # `ServiceRequest/1` or `Task/1`, and the version that said so.
        Column("source", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("request", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("reason", Text),
        # The code of the organisation that wrote it.
        Column("author", Text),
    )  # fmt: skip
    Index("referral_step_request", step.c.request)
    # A business identifier belongs to one referral, the last of a chain of requests that replace each other.
    identifier = Table(
        "referral_identifier", metadata,
        Column("system", Text, primary_key=True),
        Column("value", Text, primary_key=True),
        Column("request", Text, nullable=False),
    )  # fmt: skip
    Index("referral_identifier_request", identifier.c.request)


def _loops(metadata: MetaData) -> None:
    # What was added to the first release's columns may be empty in its rows.
    loop = Table(
        "referral_loop", metadata,
        Column("request", Text, primary_key=True),
        # The Task of the present round; a request that was put on hold and taken up again is in its second.
        Column("task", Text, nullable=False),
        Column("patient", Text, nullable=False),
        # When it was first sent; of one that is not sent, when it was first seen.
        Column("opened", BigInteger, nullable=False),
        # How it ended: completed, revoked, entered-in-error or deleted; and when.
        Column("outcome", Text),
        Column("closed", BigInteger),
        Column("round", Integer, nullable=False, server_default="0"),
        Column("kind", Text),
        # Organisations by code, or `Organization/id` as long as only that is known.
        Column("requester", Text),
        Column("owner", Text),
        # What the request said last: its status (empty once it was deleted) and whether it asks somebody.
        Column("request_status", Text),
        Column("sent", Integer, nullable=False, server_default="0"),
        # What its Task said in the newest version that was heard of.
        Column("task_status", Text),
        Column("task_version", Integer, nullable=False, server_default="0"),
        Column("partly", Integer, nullable=False, server_default="0"),
        Column("reason", Text),
        Column("reply", Text),
        # Where it stands (domain/loop_state.py), and whether that is a worklist.
        Column("stands", Text, nullable=False, server_default="waiting-for-answer"),
        Column("waits", Integer, nullable=False, server_default="1"),
        # The first time that each was said in this round.
        Column("asked", BigInteger),
        Column("received", BigInteger),
        Column("accepted", BigInteger),
        Column("started", BigInteger),
        Column("held", BigInteger),
        Column("ended", BigInteger),
        Column("answer_due", BigInteger),
        Column("done_due", BigInteger),
        # The steps of chasing that were taken in this round (domain/chasing.py), with a blank between them.
        Column("chased", Text, nullable=False, server_default=""),
        Column("replaces", Text),
        # The registered practice of the person, as the table `patient` has it (practice_listener.py).
        Column("practice", Text),
    )  # fmt: skip
    Index("referral_loop_waits", loop.c.waits, loop.c.opened, loop.c.request)
    Index("referral_loop_owner", loop.c.owner, loop.c.waits, loop.c.opened, loop.c.request)
    Index("referral_loop_requester", loop.c.requester, loop.c.waits, loop.c.opened, loop.c.request)
    # Wide enough to count from.
    Index(
        "referral_loop_practice", loop.c.practice, loop.c.waits, loop.c.opened, loop.c.request, loop.c.stands,
        loop.c.answer_due, loop.c.done_due, loop.c.patient,
    )  # fmt: skip
    Index("referral_loop_patient", loop.c.patient, loop.c.waits)
    Index("referral_loop_replaces", loop.c.replaces)
    Index("referral_loop_task", loop.c.task)
