"""Starting, stopping and closing the clock of a request: in any order, as often as it is heard, with the same end.

Every function holds the ServiceRequest first, as a write of it does, so that two transactions never change one clock
at once and nobody waits for the other in a circle.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from referral_service.clocks.clock_events import say
from referral_service.clocks.clock_rows import Held, held, write
from referral_service.domain.clocks.request_clock import Clock, Ending
from tandem.clock import to_instant
from tandem.clocks.event_kinds import BREACH_WITHDRAWN, CLOSED, STARTED, STOPPED
from tandem.fhir.store import hold
from tandem.service import Work

DUE: Final = "referral.clock.due"
"""The timed event of a clock: first its warning, then its due time. Nobody outside hears of it."""


async def start_clock(work: Work, clock: Clock) -> None:
    """Start the clock, or move it: what is given now is what holds. A stop or close that is known already counts."""
    before = await _held(work, clock.request, clock.kind)
    await _keep(work, clock.request, clock.kind, before, replace(before, clock=clock))


async def stop_clock(work: Work, request: str, kind: str, at: datetime, how: str) -> None:
    """What the clock asks for was done at this moment. Of several stops the earliest counts; it may be heard of before
    the clock is started."""
    before = await _held(work, request, kind)
    await _keep(work, request, kind, before, replace(before, stop=_earlier(before.stop, Ending(at, how))))


async def close_clock(work: Work, request: str, kind: str, at: datetime, why: str) -> None:
    """The reason of the clock went away at this moment. Of several the earliest counts; it may be heard of before the
    clock is started."""
    before = await _held(work, request, kind)
    await _keep(work, request, kind, before, replace(before, close=_earlier(before.close, Ending(at, why))))


async def set_ending(work: Work, request: str, kind: str, stop: Ending | None, close: Ending | None) -> None:
    """The clock ended so, and not as was known before: for those who work its end out from all facts each time."""
    before = await _held(work, request, kind)
    await _keep(work, request, kind, before, replace(before, stop=stop, close=close))


async def close_clocks(work: Work, request: str, at: datetime, why: str) -> None:
    """Close every clock of a request that is kept."""
    await hold(work.connection, [("ServiceRequest", request)])
    rows = await work.connection.fetch("SELECT kind FROM request_clock WHERE request = $1 ORDER BY kind", request)
    for row in rows:
        await close_clock(work, request, row["kind"], at, why)


async def _held(work: Work, request: str, kind: str) -> Held:
    await hold(work.connection, [("ServiceRequest", request)])
    return await held(work.connection, request, kind) or Held(None)


async def _keep(work: Work, request: str, kind: str, before: Held, after: Held) -> None:
    if after == before:
        return
    after = replace(after, revision=before.revision + 1)
    if _taken_back(after):
        after = replace(after, told=None)
    await write(work.connection, request, kind, after)
    await _set_timer(work, before, after)
    await _tell(work, before, after)


def _taken_back(after: Held) -> bool:
    """Whether a breach was told that is none now."""
    known = after.known
    return after.told is not None and known is not None and not (known.breached and known.clock.due == after.told)


async def _set_timer(work: Work, before: Held, after: Held) -> None:
    old, new = before.known, after.known
    if new is None:
        return
    key = f"{new.clock.request}/{new.clock.kind}"
    if not new.breached:
        if old is not None and old.breached:
            await work.unschedule(DUE, key)
        return
    clock = new.clock
    if old is None or not old.breached or (old.clock.due, old.clock.warn) != (clock.due, clock.warn):
        warning = clock.warn if clock.due > work.now and after.warned != clock.due else None
        await schedule_timer(work, clock, warning or breach_of(clock))


def breach_of(clock: Clock) -> datetime:
    """The first moment at which it is too late: at the due time itself it may still be stopped."""
    return clock.due + timedelta(milliseconds=1)


async def schedule_timer(work: Work, clock: Clock, at: datetime) -> None:
    """Have the clock looked at then."""
    await work.schedule(DUE, f"{clock.request}/{clock.kind}", at, {"request": clock.request, "kind": clock.kind})


async def _tell(work: Work, before: Held, after: Held) -> None:
    old, new, revision = before.known, after.known, after.revision
    if new is None:
        return
    if before.told is not None and after.told is None:
        await say(work, BREACH_WITHDRAWN, new, revision, due=to_instant(before.told))
    times = (new.clock.starts, new.clock.due)
    if old is None or (old.clock.starts, old.clock.due) != times or (old.settled and not new.settled):
        await say(work, STARTED, new, revision)
    if new.stopped is not None and (old is None or (old.stopped, old.clock.due) != (new.stopped, new.clock.due)):
        await say(work, STOPPED, new, revision)
    if new.closed is not None and (old is None or old.closed != new.closed):
        await say(work, CLOSED, new, revision)


def _earlier(known: Ending | None, heard: Ending) -> Ending:
    return heard if known is None or (heard.at, heard.said) < (known.at, known.said) else known
