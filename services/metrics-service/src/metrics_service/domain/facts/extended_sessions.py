"""Sessions of extended hours: Schedules of that type (http://hl7.org/fhir/R4/schedule.html; 004 §29, PCN-101, 102)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import APPOINTMENT_KIND
from tandem.clock import LONDON
from tandem.events.event import Event
from tandem.fhir.body import Resource

EXTENDED_HOURS: Final = "extended-hours"
_WEEKEND: Final = (5, 6)
_NOON: Final = 12


def read_extended_session(schedule: Resource, event: Event) -> Iterable[Fact]:
    """A session that is held: `value` its hours, `category` morning, evening or weekend, by when it begins in London.

    `organisation` is whoever wrote it: a practice, or the network for all its practices. A Schedule that is not active
    is no session.
    """
    if code_of(APPOINTMENT_KIND, *(schedule.get("serviceType") or ())) != EXTENDED_HOURS:
        return
    start, end = (_moment((schedule.get("planningHorizon") or {}).get(name)) for name in ("start", "end"))
    if schedule.get("active") is False or start is None or end is None or end <= start:
        return
    there = start.astimezone(LONDON)
    kind = "weekend" if there.weekday() in _WEEKEND else "morning" if there.hour < _NOON else "evening"
    yield Fact(
        "extended-session", given_day(start.isoformat()), category=kind, value=(end - start).total_seconds() / 3600,
        organisation=event.author,
    )  # fmt: skip


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
