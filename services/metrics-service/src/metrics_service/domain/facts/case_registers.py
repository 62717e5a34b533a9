"""The case register of a practice, as cohort-service and mdt-service tell of it (003 §3 rows 1 and 2).

Who is on it is a stay on the list `case-register`.
"""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.clock import to_micros
from tandem.events.event import Event


def told_register_decision(event: Event) -> Told | None:
    """A `register-sign-off`: `status` agreed or returned, on the day of the commissioner's decision (PCPC-074)."""
    data = event.data or {}
    practice, day = data.get("practice"), given_day(data.get("decided"))
    if not practice or day is None:
        return None
    fact = Fact("register-sign-off", day, status=data.get("state"), organisation=str(practice))
    return Told(f"register-sign-off/{practice}/{data.get('version')}", 1, event.time, None, (fact,))


def told_named_professional(event: Event) -> Told | None:
    """A `named-professional` for each that somebody on the register had, from day to day (PCPC-076)."""
    data = event.data or {}
    if event.patient is None or not data.get("practice"):
        return None
    facts = []
    for each in data.get("assignments") or ():
        first, last = given_day(each.get("from")), given_day(each.get("until"))
        if first is not None:
            until = last + 1 if last is not None else None
            facts.append(Fact("named-professional", first, until, organisation=str(data["practice"])))
    source = f"named-professional/{data['practice']}/{event.patient}"
    return Told(source, int(data.get("revision") or 1), event.time, event.patient, tuple(facts))


def told_person_reviewed(event: Event) -> Told | None:
    """A `register-review`: `status` complete, or incomplete when somebody who belongs there was missing (PCPC-075)."""
    data = event.data or {}
    day = given_day(data.get("day"))
    if event.patient is None or day is None or not data.get("task"):
        return None
    fact = Fact(
        "register-review", day, status="complete" if data.get("complete") else "incomplete",
        group=f"Appointment/{data.get('appointment')}",
    )  # fmt: skip
    return Told(f"register-review/{data['task']}", to_micros(event.time), event.time, event.patient, (fact,))
