"""A referral for a medication review that is taken on puts the person on the list `smr-reactive` (SMR-018).

What the referral says becomes a fact of its Task, current from the day on which it was taken on until it is closed. The
events may come in any order and repeatedly: an end that came first is kept as a fact that is over.
"""

from __future__ import annotations

from typing import Final

from cohort_service.facts.concepts import concepts_of
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.stale_people import mark_stale
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.london_days import day_of
from tandem.record_facts.codings import DERIVED, derived
from tandem.record_facts.fact import Fact
from tandem.service import Work

MEDICATION_REVIEW: Final = "medication-review"
"""The kind of referral."""
ASKED_REVIEW: Final = "medication-review-referral"
"""Code of the derived fact: a referral for a medication review was taken on."""
TAKEN_ON: Final = "tandem.referral.accepted"
ENDS: Final = (
    "tandem.referral.closed", "tandem.referral.withdrawn", "tandem.referral.redirected", "tandem.referral.unanswered",
)  # fmt: skip


async def begin_asked_review(event: Event, work: Work) -> None:
    """The person joins the list, unless the referral is known to have ended."""
    task = _task(event)
    if task is None:
        return
    held = await _held(work.connection, task)
    starts = day_of(event.time)
    ends = held[1] if held is not None else None
    await _write(work, event, task, derived(ASKED_REVIEW, starts if held is None else min(starts, held[0]), ends))


async def end_asked_review(event: Event, work: Work) -> None:
    """The person leaves the list that day; what was over stays over."""
    task = _task(event)
    if task is None:
        return
    held = await _held(work.connection, task)
    ends = day_of(event.time)
    if held is not None and held[1] is not None:
        ends = min(ends, held[1])
    starts = ends if held is None else held[0]
    await _write(work, event, task, derived(ASKED_REVIEW, min(starts, ends), ends))


def _task(event: Event) -> str | None:
    data = event.data or {}
    return str(data["task"]) if data.get("kind") == MEDICATION_REVIEW and data.get("task") and event.patient else None


async def _held(connection: Connection, task: str) -> tuple[int, int | None] | None:
    """First day and end of what is known of this Task."""
    row = await connection.fetchrow(
        "SELECT f.starts, f.ends FROM fact f JOIN record r ON r.number = f.record"
        " JOIN concept c ON c.number = f.concept WHERE r.reference = $1 AND c.system = $2 AND c.code = $3",
        task, DERIVED, ASKED_REVIEW,
    )  # fmt: skip
    return (row["starts"], row["ends"]) if row is not None else None


async def _write(work: Work, event: Event, task: str, fact: Fact) -> None:
    connection = work.connection
    touched = await write_facts(connection, concepts_of(connection), [RecordFacts(task, event.patient, [fact])])
    await mark_stale(connection, touched)
