"""Work of link workers with organisations rather than people (002 PC key3, PC-057)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import APPOINTMENT_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code

RELATIONSHIP_BUILDING: Final = "relationship-building"


def read_relationship_contact(appointment: Resource, event: Event) -> Iterable[Fact]:
    """A contact that was held: `value` its hours, `organisation` whose link worker it was, `place` whom they met."""
    if code_of(APPOINTMENT_KIND, *(appointment.get("serviceType") or ())) != RELATIONSHIP_BUILDING:
        return
    if appointment.get("status") != "fulfilled":
        return
    met = (reference_code(each.get("actor")) for each in appointment.get("participant") or ())
    yield Fact(
        "relationship-contact", given_day(appointment.get("start")), value=_hours(appointment),
        organisation=event.author, place=next((code for code in met if code not in (None, event.author)), None),
    )  # fmt: skip


def _hours(appointment: Resource) -> float | None:
    minutes = appointment.get("minutesDuration")
    if minutes is not None:
        return float(minutes) / 60
    try:
        start, end = (datetime.fromisoformat(str(appointment.get(name))) for name in ("start", "end"))
        return max(0.0, (end - start).total_seconds() / 3600)
    except (ValueError, TypeError):
        return None
