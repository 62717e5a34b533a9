"""What is recorded of fewer people, and puts them on lists: needs, risks, screening, and what has got worse.

Drawn after everything else about a person, so that all other records stay as they would be without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tandem import canonical
from tandem.synth.care import procedure
from tandem.synth.contacts import emergency_admission
from tandem.synth.datatypes import Json, concept, days_before, quantity, snomed
from tandem.synth.network import Network
from tandem.synth.observations import (
    DEFICITS,
    FRAILTY_INDEX,
    LABORATORY,
    SOCIAL_HISTORY,
    SURVEY,
    VITAL_SIGNS,
    observation,
)
from tandem.synth.person import Person
from tandem.synth.prescriptions import earlier_order, repeats
from tandem.synth.problems import condition

RESIDENCE = f"{canonical.BASE}/CodeSystem/residence"
"""Where somebody lives that SNOMED CT has no code for: `extra-care-housing`, `secure-mental-health-unit` and others."""
CARE_ACTIVITY = f"{canonical.BASE}/CodeSystem/care-activity"
"""What was done that SNOMED CT has no code for: `comprehensive-geriatric-assessment` and others."""

_POOR_HOUSING = snomed("81877007", "Housing problems")
_HAZARDOUS_DRINKING = snomed("198421000000108", "Hazardous alcohol use")
_VULNERABLE = snomed("417430008", "Vulnerable adult")
_FAMILY_HISTORY = snomed("429740004", "Family history of malignant neoplasm of breast")
_PEPTIC_ULCER = snomed("13200003", "Peptic ulcer")
_EXTRA_CARE = concept(RESIDENCE, "extra-care-housing", "Lives in extra care housing")
_SECURE_UNIT = concept(RESIDENCE, "secure-mental-health-unit", "Lives in a secure unit for mental health")
_GERIATRIC_ASSESSMENT = concept(
    CARE_ACTIVITY, "comprehensive-geriatric-assessment", "Comprehensive geriatric assessment"
)
_CASE_REGISTER = concept(
    CARE_ACTIVITY, "unplanned-admissions-case-register", "On the case register for avoiding unplanned admissions"
)
_ELECTROLYTES = snomed("1000971000000107", "Urea and electrolytes level")
_OXYGEN = snomed("103228002", "Haemoglobin saturation with oxygen")
_STAGE = snomed("399588009", "Pathologic TNM stage")
_STAGES = (
    snomed("1222723001", "American Joint Committee on Cancer stage I"),
    snomed("1222765007", "American Joint Committee on Cancer stage II"),
    snomed("1222801008", "American Joint Committee on Cancer stage III"),
    snomed("1222837003", "American Joint Committee on Cancer stage IV"),
)
_CANCERS = frozenset(("breast-cancer", "prostate-cancer", "lung-cancer", "bowel-cancer"))
# Programme, sex, ages from and to, share of those invited who came, years between two.
_SCREENING = (
    ("breast", snomed("24623002", "Screening mammography"), "f", 50, 70, 0.7, 3),
    ("bowel", snomed("1101361000000103", "BCSP liquid FIT normal"), "both", 60, 74, 0.65, 2),
    ("cervical", snomed("1020451000000104", "Cervical cytology test"), "f", 25, 64, 0.72, 3),
)
_LOWER = {"mild": "fit", "moderate": "mild", "severe": "moderate"}


def needs(person: Person, network: Network) -> Iterator[Json]:
    """The records of one person; nothing of children."""
    if person.age < 18:
        return
    yield from _screening(person)
    yield from _risks(person)
    yield from _residence(person)
    if person.age >= 65:
        yield from _frailty(person, network)
    if not _CANCERS.isdisjoint(person.problems):
        yield _noted(person, _STAGE, LABORATORY, "cancer-stage", valueCodeableConcept=person.draw.pick(_STAGES))
    if "copd" in person.problems and person.draw.chance(0.5):
        percent = round(min(99, max(84, person.draw.bell(94, 2.5))))
        yield _noted(person, _OXYGEN, VITAL_SIGNS, "oxygen", valueQuantity=quantity(percent, "%", "%"))
    if "heart-failure" in person.problems:
        yield from _diuretic(person)
    if "back-pain" in person.problems and person.draw.chance(0.15):
        person.medicines += 1
        yield from repeats(person, ["codeine"])


def _screening(person: Person) -> Iterator[Json]:
    for name, code, sex, first, last, share, years in _SCREENING:
        invited = first <= person.age <= last and (sex == "both" or person.female)
        if invited and person.draw.chance(share):
            day = person.draw.day(days_before(person.until, years * 365), person.until)
            yield observation(person, code, LABORATORY, day, f"{name}-screening")


def _risks(person: Person) -> Iterator[Json]:
    draw = person.draw
    for code, key, share in (
        (_POOR_HOUSING, "housing", 0.012), (_HAZARDOUS_DRINKING, "drinking", 0.03),
        (_FAMILY_HISTORY, "family-history", 0.03), (_VULNERABLE, "vulnerable", 0.008),
    ):  # fmt: skip
        if draw.chance(share):
            yield _noted(person, code, SOCIAL_HISTORY, key)
    if person.age >= 50 and draw.chance(0.025):
        began = draw.day(days_before(person.until, 15 * 365), days_before(person.until, 100))
        yield condition(person, _PEPTIC_ULCER, began, "peptic-ulcer")


def _residence(person: Person) -> Iterator[Json]:
    if person.home is not None:
        return
    if person.age >= 75 and person.draw.chance(0.02):
        yield _noted(person, _EXTRA_CARE, SOCIAL_HISTORY, "extra-care")
    elif person.age < 65 and person.draw.chance(0.001):
        yield _noted(person, _SECURE_UNIT, SOCIAL_HISTORY, "secure-unit")


def _frailty(person: Person, network: Network) -> Iterator[Json]:
    """How frail somebody was before, and what has been done for the frail."""
    draw = person.draw
    if person.frailty in _LOWER and draw.chance(0.3):
        low, high = DEFICITS[_LOWER[person.frailty]]
        score = (Decimal(draw.between(low, high)) / 36).quantize(Decimal("0.01"))
        day = draw.day(days_before(person.until, 1100), days_before(person.until, 560))
        value = quantity(score, "score", "{score}")
        yield observation(person, FRAILTY_INDEX, SURVEY, day, "earlier-frailty-index", valueQuantity=value)
    if person.frailty in ("moderate", "severe"):
        if draw.chance(0.1):
            yield procedure(person, _GERIATRIC_ASSESSMENT, draw.pick(person.clinicians), "geriatric-assessment")
        if draw.chance(0.15):
            yield _noted(person, _CASE_REGISTER, SOCIAL_HISTORY, "case-register")
        if draw.chance(0.15):
            yield emergency_admission(person, network, "second-admission")


def _diuretic(person: Person) -> Iterator[Json]:
    """For how long it has been taken, and whether anybody looked at what it does."""
    if person.draw.chance(0.5):
        day = person.draw.day(days_before(person.until, 900), days_before(person.until, 480))
        yield earlier_order(person, "furosemide", day)
    if person.draw.chance(0.6):
        yield _noted(person, _ELECTROLYTES, LABORATORY, "electrolytes")


def _noted(person: Person, code: Json, category: list[Json], key: str, **value: Json) -> Json:
    return observation(person, code, category, _lately(person), key, **value)


def _lately(person: Person) -> date:
    return person.draw.day(max(person.born, days_before(person.until, 540)), person.until)
