"""What the world hears of a referral: events for services, and a notice for the requester's organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from referral_service.domain.loop_state import PARTLY_FULFILLED
from referral_service.loops.loop_rows import Loop
from tandem.canonical import REFERRAL_PROGRESS
from tandem.clock import to_instant
from tandem.identity.audit_event import organisation_reference
from tandem.identity.references import PREFIX
from tandem.ids import deterministic_id
from tandem.service import Work

OPENED: Final = "tandem.referral.opened"
ACCEPTED: Final = "tandem.referral.accepted"
REJECTED: Final = "tandem.referral.rejected"
CLOSED: Final = "tandem.referral.closed"
PARTLY_DONE: Final = "tandem.referral.partly-done"
NOT_ANSWERED: Final = "tandem.referral.unanswered"
OVERDUE: Final = "tandem.referral.overdue"
WITHDRAWN: Final = "tandem.referral.withdrawn"
REDIRECTED: Final = "tandem.referral.redirected"
TASK_REQUESTED: Final = "tandem.task.requested"
TASK_ENDED: Final = "tandem.task.ended"
NOTICE: Final = "tandem.notice.requested"

EMITS: Final = {
    OPENED: "A referral was sent: an organisation is asked, and its Task is asked for.",
    ACCEPTED: "The performer of a referral took it on.",
    REJECTED: "The performer of a referral turned it down, with the reason.",
    CLOSED: "A referral was completed: the Task was done, or whoever asked says so.",
    PARTLY_DONE: "The Task of a referral was completed and did a part of it; the referral is still open.",
    NOT_ANSWERED: "The Task of a referral was rejected, failed or cancelled; the need is still open.",
    OVERDUE: "A referral was not answered, or not done, by its time; `outcome` says which, and whom that was told.",
    WITHDRAWN: "A referral was revoked, found to be an error or deleted.",
    REDIRECTED: "A referral was revoked because another request took its place.",
    TASK_REQUESTED: "A Task is asked for, under the id that it gives.",
    TASK_ENDED: "A Task that was asked for is wanted no more.",
    NOTICE: "Professionals are to be told something about a person.",
}


async def say(work: Work, kind: str, loop: Loop, outcome: str, at: datetime, **more: Any) -> None:
    """Emit an event of the referral, once for each outcome of a Task."""
    data = {
        "request": f"ServiceRequest/{loop.request}", "kind": loop.kind, "task": f"Task/{loop.task}",
        "owner": loop.owner, "outcome": outcome, "at": to_instant(at), **more,
    }  # fmt: skip
    key = f"{loop.task}/{outcome}"
    await work.emit(kind, {name: value for name, value in data.items() if value is not None}, key=key,
                    patient=loop.patient)  # fmt: skip


async def end_task(work: Work, task: str, reason: str, patient: str) -> None:
    """Have mdt-service cancel a Task that was asked for, unless it has ended by itself."""
    data = {"task": task, "status": "cancelled", "reason": reason}
    await work.emit(TASK_ENDED, data, key=task, patient=patient)


async def end_task_as_done(work: Work, loop: Loop, *, partly: bool = False) -> None:
    """Have mdt-service complete the Task that was asked for, because the performer did the work by another: in whole,
    or `partly`, which its businessStatus then says."""
    data: dict[str, Any] = {"task": loop.task, "status": "completed"}
    if partly:
        data["businessStatus"] = {"coding": [{"system": REFERRAL_PROGRESS, "code": PARTLY_FULFILLED}]}
    await work.emit(TASK_ENDED, data, key=loop.task, patient=loop.patient)


async def notify_requester(work: Work, loop: Loop, topic: str, text: str, outcome: str, at: datetime) -> None:
    """Have the requester's organisation told by a Communication, unless it did the work itself."""
    if loop.requester is None or loop.requester == loop.owner:
        return
    key = f"{loop.task}/{outcome}"
    await work.emit(NOTICE, {
        "communication": deterministic_id("referral-notice", key), "about": f"ServiceRequest/{loop.request}",
        "topic": topic, "text": text, "recipient": [named(loop.requester)],
        "sender": named(loop.owner or loop.requester), "sent": to_instant(at),
    }, key=key, patient=loop.patient)  # fmt: skip


def named(organisation: str) -> dict[str, Any]:
    """A Reference to an organisation by its code, or by `Organization/id`."""
    return {"reference": organisation} if organisation.startswith(PREFIX) else organisation_reference(organisation)
