"""Regular support: a Task for each delivery, asked for a little before its day, as long as the arrangement stands.

EHCH-049; 000 §3.16 r8. What it comes to is worked out from the request, its loop and what was asked for before, so that
it may be asked again at any time: by a write of the request, an event of its Task, and the timer.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from referral_service.domain.loop_state import ANSWERED, IN_PROGRESS, WAITING
from referral_service.domain.referral_loop import words_of
from referral_service.domain.support.coordination import SUPPORT_OFFER_KIND
from referral_service.domain.support.occurrences import Occurrence, occurrences, timing_faults, timing_of
from referral_service.loops.loop_rows import Loop, loop_of
from referral_service.loops.telling import TASK_REQUESTED, end_task, named
from referral_service.support.delivery_rows import deliveries_of, keep_delivery
from referral_service.support.shipped_policies import days_ahead
from tandem.clock import LONDON, from_micros, to_instant, to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.store import hold
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.service import Work

DELIVERY_DUE: Final = "support.delivery.due"
"""The timed event of regular support; nobody outside hears of it."""
DELIVERY: Final = "support-delivery"
"""Code of CodeSystem/task-kind: one delivery of regular support."""
_STANDS: Final = (WAITING, ANSWERED, IN_PROGRESS)
_NO_MORE: Final = "The support was ended, put on hold or arranged for other days"


def delivery_task(request: str, place: str, round_number: int = 1) -> str:
    """The id of the Task of one delivery: another one when the request was on hold meanwhile."""
    again = () if round_number == 1 else (str(round_number),)
    return deterministic_id("support-delivery", request, place, *again)


async def follow_deliveries(work: Work, request_id: str) -> None:
    """Ask for the deliveries whose time has come, take back those that are wanted no more, and set the timer."""
    loop, request = await loop_of(work.connection, request_id), await work.read("ServiceRequest", request_id)
    known = {each.task: each for each in await deliveries_of(work.connection, request_id)}
    if loop is None or (not known and (request is None or timing_of(request) is None)):
        return
    wanted: set[str] = set()
    following: datetime | None = None
    for each in _arranged(loop, request):
        asked = _asked_on(each)
        if asked > work.now:
            following = asked
            break
        task = delivery_task(request_id, each.place, loop.round)
        wanted.add(task)
        if task not in known and request is not None:
            await _ask(work, loop, request, each, task)
    for task, delivery in known.items():
        if delivery.is_open and task not in wanted:
            await end_task(work, task, _NO_MORE, loop.patient)
    if following is not None:
        await work.schedule(DELIVERY_DUE, request_id, following, {"request": request_id})
    else:
        await work.unschedule(DELIVERY_DUE, request_id)


async def delivery_fell_due(event: Event, work: Work) -> None:
    """The next delivery is to be asked for."""
    request = str((event.data or {})["request"])
    await hold(work.connection, [("ServiceRequest", request)])
    await follow_deliveries(work, request)


def _arranged(loop: Loop, request: Resource | None) -> list[Occurrence] | Any:
    """The deliveries from the day on which this round of the referral was sent; none while it does not stand."""
    timing = timing_of(request) if request is not None else None
    if timing is None or loop.kind != SUPPORT_OFFER_KIND or loop.stands not in _STANDS or loop.asked is None:
        return []
    return [] if any(timing_faults(timing)) else occurrences(timing, _since(loop))


def _since(loop: Loop) -> date:
    assert loop.asked is not None, "sent"
    return london_date(from_micros(loop.asked))


def _asked_on(each: Occurrence) -> datetime:
    return datetime.combine(each.first - timedelta(days=days_ahead()), time(), LONDON)


async def _ask(work: Work, loop: Loop, request: Resource, each: Occurrence, task: str) -> None:
    if loop.owner is None:
        return
    days = each.first.isoformat() if each.first == each.last else f"{each.first.isoformat()} to {each.last.isoformat()}"
    asked: dict[str, Any] = {
        "task": task, "request": f"ServiceRequest/{loop.request}", "kind": DELIVERY, "owner": named(loop.owner),
        "authoredOn": to_instant(work.now), "due": to_instant(each.due - timedelta(seconds=1)),
        "description": f"{words_of(request.get('code')) or 'Regular support'}, {days}",
        "priority": request.get("priority") or "routine",
    }  # fmt: skip
    if loop.requester is not None:
        asked["requester"] = named(loop.requester)
    await keep_delivery(work.connection, task, loop.request, each.place, to_micros(each.due))
    await work.emit(TASK_REQUESTED, asked, key=task, patient=loop.patient)
