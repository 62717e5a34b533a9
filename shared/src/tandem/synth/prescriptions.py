"""Repeat and acute prescriptions: MedicationRequest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from tandem import canonical
from tandem.synth.datatypes import Json, concept, days_before, hl7, moment, profiled, reference
from tandem.synth.formulary import FOR_PROBLEM, FORMULARY, SAME_INGREDIENT, SYMPTOMATIC
from tandem.synth.person import Person

_META = profiled("MedicationRequest")
_COMMUNITY = [hl7("medicationrequest-category", "community", "Community")]
_CONTINUOUS = hl7("medicationrequest-course-of-therapy", "continuous", "Continuous long term therapy")
_ACUTE = hl7("medicationrequest-course-of-therapy", "acute", "Short course (acute) therapy")
_CODES = {
    key: {**concept(canonical.DMD, medicine.code, medicine.name), "text": medicine.name}
    for key, medicine in FORMULARY.items()
}
_NO_SUBSTITUTE = {"allowedBoolean": False}
# How many medicines besides those for a problem, by frailty: from, to.
_BESIDES = {"fit": (0, 2), "mild": (1, 5), "moderate": (3, 8), "severe": (4, 11)}


def prescriptions(person: Person) -> Iterator[Json]:
    """The medicines in use on the person's last day, and now and then a course that is over."""
    keys = _medicines(person)
    person.medicines = len(keys)
    yield from repeats(person, keys)
    if person.draw.chance(0.2):
        day = person.draw.day(max(person.born, days_before(person.until, 365)), person.until)
        yield _prescription(person, "amoxicillin", day, repeat=False)


def repeats(person: Person, keys: Iterable[str]) -> Iterator[Json]:
    """An active repeat prescription for each medicine, written within the last year."""
    for key in keys:
        day = person.draw.day(max(person.born, days_before(person.until, 360)), person.until)
        yield _prescription(person, key, day, repeat=True)


def earlier_order(person: Person, key: str, day: date) -> Json:
    """A single issue of the medicine on a day long past, before the order that runs now."""
    return _prescription(person, key, day, repeat=False, name=f"{key}-before")


def _medicines(person: Person) -> list[str]:
    draw = person.draw
    wanted = [draw.pick(group) for key in person.problems for group in FOR_PROBLEM.get(key, ())]
    if person.age >= 65:
        low, high = _BESIDES[person.frailty]
        wanted += draw.sample(SYMPTOMATIC, draw.between(low, high))
    elif person.age >= 40 and draw.chance(0.2):
        wanted.append(draw.pick(SYMPTOMATIC))
    taken: list[str] = []
    for key in wanted:
        if (
            key
            and key not in taken
            and not any(key in alike and alike.intersection(taken) for alike in SAME_INGREDIENT)
        ):
            taken.append(key)
    return taken


def _prescription(person: Person, key: str, day: date, *, repeat: bool, name: str = "") -> Json:
    medicine = FORMULARY[key]
    request_id = person.record_id("MedicationRequest", name or key)
    return {
        "resourceType": "MedicationRequest",
        "id": request_id,
        "meta": _META,
        "identifier": [{"system": f"{canonical.BASE}/Id/prescription", "value": request_id}],
        "status": "active" if repeat and person.died is None else "completed",
        "intent": "order",
        "category": _COMMUNITY,
        "medicationCodeableConcept": _CODES[key],
        "subject": reference(person.reference),
        "authoredOn": moment(day, person.draw.between(8, 18), person.draw.between(0, 59)),
        "requester": reference(person.draw.pick(person.clinicians)),
        "courseOfTherapyType": _CONTINUOUS if repeat else _ACUTE,
        "dosageInstruction": [{"text": medicine.dose}],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 5 if repeat else 0,
            "quantity": {"value": medicine.supply, "unit": medicine.unit},
        },
        "substitution": _NO_SUBSTITUTE,
    }
