"""When the warning of a clock comes, and when it falls due."""

from __future__ import annotations

from careplan_service.clocks.clock_events import say
from careplan_service.clocks.clock_rows import DUE, Held, held_clock
from careplan_service.clocks.person_lock import try_to_hold
from tandem.clocks.event_kinds import BREACHED, DUE_SOON
from tandem.events.event import Event
from tandem.service import Work


class PersonIsHeld(Exception):
    """Another transaction changes this person's clocks just now; the timed event is to be tried again."""


async def clock_time_came(event: Event, work: Work) -> None:
    """Warn of a clock that still runs, once for a due time, and set its timer again; or say that it is breached.

    Raises PersonIsHeld. It must not wait: whoever holds the person may wait for the timer that fires here.
    """
    data = event.data or {}
    if not await try_to_hold(work.connection, str(data["patient"])):
        raise PersonIsHeld
    row = await work.connection.fetchrow(
        "SELECT * FROM plan_clock WHERE cause = $1 AND kind = $2", data["cause"], data["kind"]
    )
    if row is None:
        return
    held = held_clock(row)
    # Several days may be passed at once: what fell due at the time of the event is told as of then.
    if event.time >= held.clock.due:
        await _tell_breach(work, held)
    else:
        await _warn(event, work, held)


async def _warn(event: Event, work: Work, held: Held) -> None:
    clock = held.clock
    if clock.settled is not None and clock.settled <= event.time:
        return
    if event.time >= clock.warn and held.warned != clock.due:
        await _mark(work, clock.cause, clock.kind, "warned")
        await say(work, DUE_SOON, held.patient, clock, held.revision)
    data = {"cause": clock.cause, "kind": clock.kind, "patient": held.patient}
    await work.schedule(DUE, f"{clock.cause}/{clock.kind}", clock.due, data)


async def _tell_breach(work: Work, held: Held) -> None:
    if held.clock.breached and held.told != held.clock.due:
        await _mark(work, held.clock.cause, held.clock.kind, "told")
        await say(work, BREACHED, held.patient, held.clock, held.revision)


async def _mark(work: Work, cause: str, kind: str, column: str) -> None:
    await work.connection.execute(f"UPDATE plan_clock SET {column} = due WHERE cause = $1 AND kind = $2", cause, kind)
