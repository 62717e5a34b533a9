"""What was done for people and what they cannot take: Procedure, Immunization, AllergyIntolerance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tandem.synth.datatypes import Json, days_before, hl7, moment, profiled, reference, snomed
from tandem.synth.network import Network
from tandem.synth.person import Person

_STRUCTURED_REVIEW = snomed("1239511000000100", "Structured medication review")
_PHARMACIST_REVIEW = snomed("1127441000000107", "Medication review done by clinical pharmacist")
_DOCTOR_REVIEW = snomed("719328007", "Medication review done by doctor")
_SOCIAL_PRESCRIBING = snomed("871731000000106", "Referral to social prescribing service")
_INFLUENZA = snomed("46233009", "Influenza virus vaccine")
_ALLERGIES = (
    snomed("91936005", "Allergy to penicillin"),
    snomed("293586001", "Allergy to aspirin"),
    snomed("91935009", "Allergy to peanut"),
)
_NO_ALLERGY = snomed("716186003", "No known allergy")
_ACTIVE = hl7("allergyintolerance-clinical", "active", "Active")
_CONFIRMED = hl7("allergyintolerance-verification", "confirmed", "Confirmed")
_PROCEDURE, _IMMUNIZATION, _ALLERGY = map(profiled, ("Procedure", "Immunization", "AllergyIntolerance"))


def procedures(person: Person, network: Network) -> Iterator[Json]:
    """Medication reviews of those on medicines, and a few referrals to social prescribing."""
    draw = person.draw
    if person.medicines >= 10 and draw.chance(0.3):
        yield procedure(person, _STRUCTURED_REVIEW, network.pharmacist, "structured-review")
    elif person.medicines >= 4 and draw.chance(0.5):
        code, by = (_PHARMACIST_REVIEW, network.pharmacist)
        if draw.chance(0.5):
            code, by = _DOCTOR_REVIEW, draw.pick(person.clinicians)
        yield procedure(person, code, by, "review")
    if person.age >= 18 and draw.chance(0.008):
        yield procedure(person, _SOCIAL_PRESCRIBING, draw.pick(person.clinicians), "social-prescribing")


def immunizations(person: Person, network: Network) -> Iterator[Json]:
    """The influenza vaccinations of the last two autumns, of those who are 65 or have a chest or heart complaint."""
    invited = person.age >= 65 or not person.problems.keys().isdisjoint(("asthma", "copd", "diabetes", "heart-failure"))
    if not invited:
        return
    for autumn in (network.as_of.year - 2, network.as_of.year - 1):
        day = person.draw.day(date(autumn, 9, 20), date(autumn, 11, 30))
        if person.born < day <= person.until and person.draw.chance(0.72):
            yield {
                "resourceType": "Immunization",
                "id": person.record_id("Immunization", autumn),
                "meta": _IMMUNIZATION,
                "status": "completed",
                "vaccineCode": _INFLUENZA,
                "patient": reference(person.reference),
                "occurrenceDateTime": moment(day, person.draw.between(9, 16), 0),
                "primarySource": True,
                "lotNumber": f"TS{person.draw.between(1000, 9999)}",
            }


def allergies(person: Person) -> Iterator[Json]:
    """An allergy, or that none is known, for those whose record says."""
    draw = person.draw
    known = draw.chance(0.12)
    if not known and not draw.chance(0.25):
        return
    yield {
        "resourceType": "AllergyIntolerance",
        "id": person.record_id("AllergyIntolerance"),
        "meta": _ALLERGY,
        "clinicalStatus": _ACTIVE,
        "verificationStatus": _CONFIRMED,
        "code": draw.pick(_ALLERGIES) if known else _NO_ALLERGY,
        "patient": reference(person.reference),
        "recordedDate": draw.day(max(person.born, days_before(person.until, 3650)), person.until).isoformat(),
    }


def procedure(person: Person, code: Json, by: str, key: str) -> Json:
    """A completed Procedure of the last 500 days."""
    day = person.draw.day(days_before(person.until, 500), person.until)
    return {
        "resourceType": "Procedure",
        "id": person.record_id("Procedure", key),
        "meta": _PROCEDURE,
        "status": "completed",
        "code": code,
        "subject": reference(person.reference),
        "performedDateTime": moment(day, person.draw.between(9, 16), 30),
        "performer": [{"actor": reference(by)}],
    }
