"""When the warning of a clock comes, and when it falls due."""

from __future__ import annotations

from referral_service.clocks.clock_events import say
from referral_service.clocks.clock_rows import Held, held, mark
from referral_service.clocks.keep_clock import breach_of, schedule_timer
from referral_service.domain.clocks.request_clock import RequestClock
from tandem.clocks.event_kinds import BREACHED, DUE_SOON
from tandem.events.event import Event
from tandem.fhir.store import hold_if_free
from tandem.service import Work


class RequestIsHeld(Exception):
    """Another transaction writes this request just now; the timed event is to be tried again."""


async def clock_time_came(event: Event, work: Work) -> None:
    """Warn of a clock that still runs, once for a due time, and set its timer again; or say that it is breached.

    Raises RequestIsHeld. It must not wait: whoever holds the request may wait for the timer that fires here.
    """
    request, kind = str((event.data or {})["request"]), str((event.data or {})["kind"])
    if not await hold_if_free(work.connection, "ServiceRequest", request):
        raise RequestIsHeld
    kept = await held(work.connection, request, kind)
    if kept is None or (known := kept.known) is None:
        return
    # Several days may be passed at once: what fell due at the time of the event is told as of then.
    if event.time > known.clock.due:
        if known.breached and kept.told != known.clock.due:
            await mark(work.connection, request, kind, "told")
            await say(work, BREACHED, known, kept.revision)
    else:
        await _warn(event, work, kept, known)


async def _warn(event: Event, work: Work, kept: Held, known: RequestClock) -> None:
    clock = known.clock
    if known.settled is not None and known.settled <= event.time:
        return
    if known.due_soon(event.time) and kept.warned != clock.due:
        await mark(work.connection, clock.request, clock.kind, "warned")
        await say(work, DUE_SOON, known, kept.revision)
    await schedule_timer(work, clock, breach_of(clock))
