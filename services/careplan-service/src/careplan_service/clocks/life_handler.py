"""A death closes every clock of the person."""

from __future__ import annotations

from datetime import datetime

from careplan_service.clocks.fact_rows import DIED, Fact, replace
from careplan_service.clocks.keep_clocks import keep_clocks
from tandem.clock import from_micros
from tandem.events.event import Event
from tandem.identity.periods import bounds
from tandem.service import Work


async def life_changed(event: Event, work: Work) -> None:
    """Keep when a person died: the day that Patient says, else when it was first said.

    A new Patient who lives costs no statement.
    """
    person, source = event.data or {}, f"Patient/{event.resource_id}"
    dead = bool(person.get("deceasedDateTime")) or person.get("deceasedBoolean") is True
    if event.resource_id is None or event.data is None or (not dead and event.version == 1):
        return
    fact = None
    if dead:
        day = person.get("deceasedDateTime")
        at = from_micros(bounds(day)[0]) if day else await _first_said(event, work, source)
        fact = Fact(source, DIED, event.resource_id, at)
    for patient in await replace(work.connection, source, fact):
        await keep_clocks(work, patient, f"{source}/_history/{event.version}")


async def _first_said(event: Event, work: Work, source: str) -> datetime:
    sql = "SELECT at FROM clock_fact WHERE source = $1 AND kind = $2"
    held = await work.connection.fetchval(sql, source, DIED)
    return from_micros(held) if held is not None else event.time
