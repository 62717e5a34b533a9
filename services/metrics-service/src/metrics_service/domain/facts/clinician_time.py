"""How long clinicians were at work for people, by what for (002 concerns b1, PCN-051)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.encounters import minutes_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import APPOINTMENT_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource

_STAFF: Final = ("Practitioner/", "PractitionerRole/")
_HELD: Final = "fulfilled"


def read_clinician_time(appointment: Resource, event: Event) -> Iterable[Fact]:
    """An appointment of a person that took place: `category` its kind, `value` hours of all the staff who took part.

    Home rounds and meetings are without a person, and are told by events of their own.
    """
    kind = code_of(APPOINTMENT_KIND, *(appointment.get("serviceType") or ()))
    there = [each for each in appointment.get("participant") or () if each.get("status") != "declined"]
    actors = [str((each.get("actor") or {}).get("reference") or "") for each in there]
    minutes = minutes_of(appointment.get("start"), appointment.get("end"))
    if kind is None or minutes is None or appointment.get("status") != _HELD:
        return
    if any(actor.startswith("Patient/") for actor in actors):
        staff = sum(actor.startswith(_STAFF) for actor in actors)
        yield Fact("clinician-time", given_day(appointment.get("start")), category=kind, value=minutes * staff / 60)
