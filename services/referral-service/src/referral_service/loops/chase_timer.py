"""A performer that does not answer, or does not come to an end, is chased; later the requester's organisation is told.

One timed event a referral stands at the next step; taking it sets the one after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from referral_service.domain.chasing import (
    FOR_AN_ANSWER,
    FOR_AN_END,
    TO_THE_REQUESTER,
    Step,
    answered_by,
    next_step,
    words_for,
)
from referral_service.domain.loop_state import WAITING
from referral_service.loops.loop_rows import Loop, keep_loop, loop_of
from referral_service.loops.telling import OVERDUE, TASK_REQUESTED, end_task, named, say
from tandem.clock import to_instant
from tandem.events.event import Event
from tandem.fhir.store import hold
from tandem.ids import deterministic_id
from tandem.service import Work

DUE: Final = "referral.loop.due"
"""The timed event of a referral; nobody outside hears of it."""


async def set_timer(work: Work, before: Loop | None, after: Loop) -> None:
    """Have the next step taken at its time; take the timed event back when there is none. Chases that are no more
    wanted end."""
    if before is not None and before.stands == WAITING != after.stands:
        await end_chases(work, before, FOR_AN_ANSWER)
    was, step = next_step(before.waiting()) if before is not None else None, next_step(after.waiting())
    if step is None:
        if was is not None:
            await work.unschedule(DUE, after.request)
    elif step != was or before is None or before.round != after.round:
        await work.schedule(DUE, after.request, step[1], {"request": after.request})


async def loop_fell_due(event: Event, work: Work) -> None:
    """Take every step whose time has come, each once."""
    request = str((event.data or {})["request"])
    await hold(work.connection, [("ServiceRequest", request)])
    loop = await loop_of(work.connection, request)
    if loop is None:
        return
    before = replace(loop)
    while (step := next_step(loop.waiting())) is not None and step[1] <= work.now:
        await _take(work, loop, *step)
        loop.chased = f"{loop.chased} {step[0].value}".strip()
    if loop != before:
        await keep_loop(work.connection, loop)
    after = next_step(loop.waiting())
    if after is not None:
        await work.schedule(DUE, request, after[1], {"request": request})


async def end_chases(work: Work, loop: Loop, steps: tuple[Step, ...] = (*FOR_AN_ANSWER, *FOR_AN_END)) -> None:
    """Take back the chases of these steps that were asked for in this round."""
    for step in steps:
        if step in loop.taken:
            await end_task(work, _chase(loop, step), "There is nothing to chase any more", loop.patient)


async def _take(work: Work, loop: Loop, step: Step, due: datetime) -> None:
    owner = loop.requester if step in TO_THE_REQUESTER else loop.owner
    if owner is not None:
        asked: dict[str, Any] = {
            "task": _chase(loop, step), "request": f"ServiceRequest/{loop.request}", "kind": "chase",
            "owner": named(owner), "authoredOn": to_instant(work.now), "due": to_instant(answered_by(work.now)),
            "description": words_for(step), "priority": "urgent",
        }  # fmt: skip
        if loop.requester is not None:
            asked["requester"] = named(loop.requester)
        await work.emit(TASK_REQUESTED, asked, key=asked["task"], patient=loop.patient)
    await say(work, OVERDUE, loop, step.value, work.now, due=to_instant(due))


def _chase(loop: Loop, step: Step) -> str:
    return deterministic_id("referral-chase", loop.task, step.value)
