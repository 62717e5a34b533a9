"""A ServiceRequest that claims the loop asks mdt-service for its Task, in the transaction that makes it claim."""

from __future__ import annotations

from referral_service.domain.referral_loop import asked_task, claims_the_loop, task_id
from tandem.clock import to_micros
from tandem.service import Change, Work

REQUESTED = "tandem.task.requested"


async def open_loop(change: Change, work: Work) -> None:
    """Open the loop once. A request about nobody known here cannot be fulfilled and opens none."""
    if change.after is None or change.patient is None or not claims_the_loop(change.after):
        return
    opened = await work.connection.execute(
        "INSERT INTO referral_loop (request, task, patient, opened) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (request) DO NOTHING",
        change.id, task_id(change.id), change.patient, to_micros(change.now),
    )  # fmt: skip
    if opened:
        await work.emit(REQUESTED, asked_task(change.after, change.now), key=change.id, patient=change.patient)
