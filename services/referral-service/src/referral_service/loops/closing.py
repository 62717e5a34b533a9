"""The end of a Task closes the loop of the request that it is about."""

from __future__ import annotations

from referral_service.domain.referral_loop import ENDS, STILL_OPEN, UNANSWERED
from referral_service.domain.request_transitions import may_follow
from tandem.clock import to_instant, to_micros
from tandem.events.event import Event
from tandem.fhir.literal_reference import target_id
from tandem.service import Work

CLOSED = "tandem.referral.closed"
NOT_ANSWERED = "tandem.referral.unanswered"


async def follow_task(event: Event, work: Work) -> None:
    """Complete the request whose Task was completed; tell of one whose Task ended otherwise.

    Only for a Task about the same person as the request, written by an organisation with access to that person.
    """
    task = event.data or {}
    request_id = target_id(task.get("focus"), "ServiceRequest")
    status = str(task.get("status"))
    if request_id is None or not event.granted or status not in ENDS:
        return
    person = await work.connection.fetchval(
        "SELECT patient FROM resource WHERE type = 'ServiceRequest' AND id = $1 AND deleted = 0", request_id
    )
    if person is None or person != event.patient:
        return
    request = await work.read("ServiceRequest", request_id)
    if request is None:
        return
    await _end(work, event, request_id, status)
    if status == "completed" and may_follow(str(request.get("status")), "completed"):
        await work.put({**request, "status": "completed"})
        await _tell(work, CLOSED, event, request_id, status)
    elif status in UNANSWERED and request.get("status") in STILL_OPEN:
        await _tell(work, NOT_ANSWERED, event, request_id, status)


async def _end(work: Work, event: Event, request_id: str, outcome: str) -> None:
    await work.connection.execute(
        "UPDATE referral_loop SET outcome = $3, closed = $4 WHERE request = $1 AND task = $2",
        request_id, event.resource_id, outcome, to_micros(event.time),
    )  # fmt: skip


async def _tell(work: Work, kind: str, event: Event, request_id: str, outcome: str) -> None:
    data = {
        "request": f"ServiceRequest/{request_id}", "task": f"Task/{event.resource_id}", "outcome": outcome,
        "at": to_instant(event.time),
    }  # fmt: skip
    await work.emit(kind, data, key=f"{event.resource_id}/{outcome}", patient=event.patient)
