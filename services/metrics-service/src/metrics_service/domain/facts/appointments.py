"""Appointments of people: how long they waited, and whether the time was one they could do (004 §13, PCN-083)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import APPOINTMENT_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds, period_of


def read_appointment(appointment: Resource, event: Event) -> Iterable[Fact]:
    """`value` is the days from asking (`created`) to the appointment; `detail` whether it fits the requested times.

    `category` is the kind. An appointment without a person is another thing: a meeting, a round, a contact.
    """
    actors = ((each.get("actor") or {}).get("reference") for each in appointment.get("participant") or ())
    day = given_day(appointment.get("start"))
    if day is None or not any(str(actor).startswith("Patient/") for actor in actors):
        return
    asked = given_day(appointment.get("created"))
    yield Fact(
        "appointment", day, status=appointment.get("status"),
        category=code_of(APPOINTMENT_KIND, *(appointment.get("serviceType") or ())),
        detail=_fit(appointment), value=None if asked is None or asked > day else float(day - asked),
        organisation=event.author,
    )  # fmt: skip


def _fit(appointment: Resource) -> str | None:
    """Whether it begins in one of the periods that the person asked for; None when none is recorded."""
    wished = appointment.get("requestedPeriod") or ()
    if not wished:
        return None
    return "preference-met" if any(_within(appointment["start"], each) for each in wished) else "preference-not-met"


def _within(start: str, period: dict[str, Any]) -> bool:
    try:
        first, last = period_of(period)
        return first <= bounds(start)[0] < last
    except (ValueError, OverflowError):
        return False
