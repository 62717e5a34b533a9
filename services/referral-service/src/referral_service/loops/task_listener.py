"""What a Task says of the referral that it is about, and the end of it that closes the loop.

Versions may come in any order and repeatedly: the newest says where the referral stands, each says its own first time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from referral_service.domain.loop_state import ENDS, GIVEN_UP, TAKEN_ON, is_partly_fulfilled
from referral_service.domain.referral_loop import carries_the_state, words_of
from referral_service.domain.request_transitions import may_follow
from referral_service.loops.chase_timer import end_chases, set_timer
from referral_service.loops.completing import complete_what_is_done, missing_for_the_end
from referral_service.loops.done_notices import (
    tell_that_a_part_is_done,
    tell_that_it_is_done,
    tell_what_it_waits_for,
)
from referral_service.loops.loop_rows import Loop, keep_loop, loop_of
from referral_service.loops.reply import reply_of
from referral_service.loops.step_rows import Step, keep_step
from referral_service.loops.telling import (
    ACCEPTED,
    CLOSED,
    NOT_ANSWERED,
    REJECTED,
    end_task_as_done,
    notify_requester,
    say,
)
from tandem.clock import to_instant, to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id
from tandem.service import Work

_FIRST: Final = {
    "received": "received", "accepted": "accepted", "ready": "accepted", "in-progress": "started", "on-hold": "held",
    **dict.fromkeys(ENDS, "ended"),
}  # fmt: skip
"""The status of a Task, and the time that it is the first to say."""


async def follow_task(event: Event, work: Work) -> None:
    """Only for a Task about the same person as the request, written by an organisation with access to that person."""
    task = event.data or {}
    request_id = await _request_of(event, work)
    if request_id is None or not event.granted or (event.data is not None and not carries_the_state(task)):
        return
    request = await work.read("ServiceRequest", request_id)
    person = await work.connection.fetchval(
        "SELECT patient FROM resource WHERE type = 'ServiceRequest' AND id = $1 AND deleted = 0", request_id
    )
    loop = await loop_of(work.connection, request_id)
    if loop is not None and event.resource_id == loop.task:
        await _own_task(event, task, loop, request if person == event.patient else None, work)
    elif request is not None and person is not None and person == event.patient:
        await _anothers_task(event, task, loop, request, work)


async def _request_of(event: Event, work: Work) -> str | None:
    if event.data is not None:
        return target_id(event.data.get("focus"), "ServiceRequest")
    # A Task that was deleted says no more what it was about.
    sql = "SELECT request FROM referral_loop WHERE task = $1"
    found: str | None = await work.connection.fetchval(sql, event.resource_id)
    return found


async def _own_task(
    event: Event, task: dict[str, Any], loop: Loop, request: Resource | None, work: Work
) -> None:  # fmt: skip
    if event.data is not None and event.patient != loop.patient:
        return
    before, status = replace(loop), str(task.get("status") or "deleted")
    reason = words_of(task.get("statusReason"))
    await _keep_step(event, loop.request, status, reason, work)
    _note_time(loop, status, to_micros(event.time))
    if (event.version or 1) >= loop.task_version:
        loop.task_status, loop.task_version, loop.reason = status, event.version or 1, reason
        loop.partly = int(status == "completed" and is_partly_fulfilled(task))
        loop.reply = reply_of(task) or loop.reply
        loop.settle()
    if loop != before:
        await keep_loop(work.connection, loop)
    await _tell(event, loop, status, reason, request, work)
    if status in ENDS:
        await end_chases(work, loop)
    await set_timer(work, before, loop)
    if request is not None:
        await complete_what_is_done(work, loop, request)


def _note_time(loop: Loop, status: str, at: int) -> None:
    name = _FIRST.get(status)
    if name is not None:
        known: int | None = getattr(loop, name)
        setattr(loop, name, at if known is None else min(known, at))


async def _tell(
    event: Event, loop: Loop, status: str, reason: str | None, request: Resource | None, work: Work
) -> None:  # fmt: skip
    """What this version says, said once whichever version came first. What was asked for no more is told by the
    request."""
    if not loop.sent and status in GIVEN_UP:
        return
    why = f" Reason: {reason}" if reason else ""
    if status in TAKEN_ON:
        await say(work, ACCEPTED, loop, "accepted", event.time)
    if status == "rejected":
        await say(work, REJECTED, loop, status, event.time, reason=reason)
    if status in GIVEN_UP:
        await say(work, NOT_ANSWERED, loop, status, event.time, reason=reason)
        text = f"The performer will not do what your referral asks ({status}).{why} The need is still open."
        await notify_requester(work, loop, "Referral not done", text, status, event.time)
    elif loop.partly and status == "completed":
        await tell_that_a_part_is_done(work, loop, event.time)
    elif status == "completed":
        await _tell_of_the_end(event, loop, request, work)


async def _tell_of_the_end(event: Event, loop: Loop, request: Resource | None, work: Work) -> None:
    """All is done, unless a rule asks for more of an open request; then its end is told when it comes."""
    asks = request is not None and may_follow(str(request.get("status")), "completed")
    if request is not None and asks and (missing := missing_for_the_end(request, work.now)):
        await tell_what_it_waits_for(work, loop, missing, event.time)
    else:
        await tell_that_it_is_done(work, loop, event.time)


async def _anothers_task(
    event: Event, task: dict[str, Any], loop: Loop | None, request: Resource, work: Work
) -> None:  # fmt: skip
    """A Task that the performer made itself: done, it counts as the first would; else it is part of the history."""
    status = str(task.get("status"))
    if loop is not None:
        await _keep_step(event, loop.request, status, words_of(task.get("statusReason")), work)
    open_still = request.get("status") != "completed" and may_follow(str(request.get("status")), "completed")
    if status != "completed" or not open_still:
        return
    partly = is_partly_fulfilled(task)
    if loop is None:
        if not partly:
            await _close_record(event, request, work)
        return
    loop.reply = reply_of(task) or loop.reply
    loop.ended = loop.ended if partly else to_micros(event.time)
    await keep_loop(work.connection, loop)
    if event.author != loop.requester:
        await (tell_that_a_part_is_done(work, loop, event.time) if partly
               else _tell_of_the_end(event, loop, request, work))  # fmt: skip
    if partly and loop.sent:
        await end_task_as_done(work, loop, partly=True)
    elif not partly and not await complete_what_is_done(
        work, replace(loop, task_status="completed", partly=0), request
    ) and loop.sent:  # fmt: skip
        # A rule still asks for something: until then the Task that was asked for says that it is done.
        await end_task_as_done(work, loop)


async def _close_record(event: Event, request: Resource, work: Work) -> None:
    await work.put({**request, "status": "completed"})
    data = {"request": f"ServiceRequest/{request['id']}", "task": f"Task/{event.resource_id}", "outcome": "completed",
            "at": to_instant(event.time)}  # fmt: skip
    await work.emit(CLOSED, data, key=f"{event.resource_id}/completed", patient=event.patient)


async def _keep_step(event: Event, request: str, status: str, reason: str | None, work: Work) -> None:
    step = Step(
        f"Task/{event.resource_id}", event.version or 1, request, status, to_micros(event.time), reason, event.author
    )
    await keep_step(work.connection, step)
