"""Consultations, visits and hospital admissions: Encounter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tandem import canonical
from tandem.synth.datatypes import TERMINOLOGY, Json, days_before, hl7, moment, profiled, reference, snomed
from tandem.synth.network import Network
from tandem.synth.person import Person

_META = profiled("Encounter")
_CONSULTATION = snomed("11429006", "Consultation")
_TELEPHONE = snomed("185317003", "Telephone encounter")
_HOME_VISIT = snomed("439708006", "Home visit")
_CARE_HOME_VISIT = snomed("889311000000109", "Care home visit")
_EMERGENCY_ADMISSION = snomed("183452005", "Emergency hospital admission")
_PERFORMER = [hl7("v3-ParticipationType", "PPRF", "primary performer")]
_ADMISSIONS = {"fit": 0.04, "mild": 0.09, "moderate": 0.2, "severe": 0.4}


def _class(code: str, display: str) -> Json:
    return {"system": f"{TERMINOLOGY}/v3-ActCode", "code": code, "display": display}


_AMBULATORY, _VIRTUAL = _class("AMB", "ambulatory"), _class("VR", "virtual")
_AT_HOME, _INPATIENT = _class("HH", "home health"), _class("IMP", "inpatient encounter")


def encounters(person: Person, network: Network) -> Iterator[Json]:
    """A year of contacts with the practice, and emergency admissions of the old."""
    draw = person.draw
    for number in range(_yearly_contacts(person)):
        day = draw.day(max(person.born, days_before(person.until, 365)), person.until)
        if person.home and person.admitted and day >= person.admitted:
            setting, kind = _AT_HOME, _CARE_HOME_VISIT
        elif person.frailty == "severe" and draw.chance(0.4):
            setting, kind = _AT_HOME, _HOME_VISIT
        else:
            setting, kind = (_VIRTUAL, _TELEPHONE) if draw.chance(0.35) else (_AMBULATORY, _CONSULTATION)
        yield _encounter(person, number, setting, kind, day)
    if person.age >= 65 and draw.chance(_ADMISSIONS[person.frailty]):
        yield emergency_admission(person, network)


def _yearly_contacts(person: Person) -> int:
    low, high = (1, 5) if person.age < 40 else (2, 7) if person.age < 65 else (4, 9) if person.age < 80 else (6, 12)
    return person.draw.between(low, high)


def _encounter(person: Person, number: int, setting: Json, kind: Json, day: date) -> Json:
    draw = person.draw
    hour, minute = draw.between(8, 17), draw.between(0, 4) * 10
    encounter_id = person.record_id("Encounter", number)
    return {
        "resourceType": "Encounter",
        "id": encounter_id,
        "meta": _META,
        "identifier": [{"system": f"{canonical.BASE}/Id/encounter", "value": encounter_id}],
        "status": "finished",
        "class": setting,
        "type": [kind],
        "subject": reference(person.reference),
        "participant": [{"type": _PERFORMER, "individual": reference(draw.pick(person.clinicians))}],
        "period": {"start": moment(day, hour, minute), "end": moment(day, hour, minute + draw.between(6, 18))},
        "serviceProvider": reference(person.practice.reference),
    }


def emergency_admission(person: Person, network: Network, key: str = "admission") -> Json:
    """An emergency admission of the last year, told apart from others of the person by `key`."""
    day = person.draw.day(days_before(person.until, 365), days_before(person.until, 10))
    left = person.draw.day(day, days_before(person.until, 2))
    encounter_id = person.record_id("Encounter", key)
    return {
        "resourceType": "Encounter",
        "id": encounter_id,
        "meta": _META,
        "identifier": [{"system": f"{canonical.BASE}/Id/encounter", "value": encounter_id}],
        "status": "finished",
        "class": _INPATIENT,
        "type": [_EMERGENCY_ADMISSION],
        "subject": reference(person.reference),
        "period": {"start": moment(day, 2, 40), "end": moment(min(left, days_before(day, -21)), 15, 30)},
        "serviceProvider": reference(network.acute_trust.reference, network.acute_trust.name),
    }
