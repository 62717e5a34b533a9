"""Measurements and social circumstances: Observation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tandem.synth.datatypes import Json, days_before, hl7, moment, profiled, quantity, reference, snomed
from tandem.synth.person import Person

VITAL_SIGNS = [hl7("observation-category", "vital-signs", "Vital Signs")]
LABORATORY = [hl7("observation-category", "laboratory", "Laboratory")]
SURVEY = [hl7("observation-category", "survey", "Survey")]
SOCIAL_HISTORY = [hl7("observation-category", "social-history", "Social History")]

_BLOOD_PRESSURE = snomed("75367002", "Blood pressure")
_SYSTOLIC = snomed("271649006", "Systolic blood pressure")
_DIASTOLIC = snomed("271650006", "Diastolic blood pressure")
_BODY_MASS_INDEX = snomed("60621009", "Body mass index")
_HBA1C = snomed(
    "999791000000106",
    "Haemoglobin A1c level - International Federation of Clinical Chemistry and Laboratory Medicine standardised",
)
_EGFR = snomed(
    "1011481000000105",
    "Estimated glomerular filtration rate using creatinine Chronic Kidney Disease Epidemiology Collaboration equation"
    " per 1.73 square metres",
)
_WEIGHT = snomed("27113001", "Body weight")
_CREATININE = snomed("1000731000000107", "Serum creatinine level")
_CHOLESTEROL = snomed("1005671000000105", "Serum cholesterol level")
_HAEMOGLOBIN = snomed("1022431000000105", "Haemoglobin estimation")
FRAILTY_INDEX = snomed("713636003", "Frailty Index score")
_SMOKING = (
    snomed("266919005", "Never smoked tobacco"),
    snomed("8517006", "Ex-smoker"),
    snomed("77176002", "Smoker"),
)
_LIVES_ALONE = snomed("105529008", "Lives alone")
_HOUSEBOUND = snomed("160689007", "Housebound")
_END_OF_LIFE = snomed("526631000000108", "On end of life care register")
DEFICITS = {"fit": (0, 4), "mild": (5, 8), "moderate": (9, 12), "severe": (13, 18)}
"""Of 36, by band of the electronic frailty index."""
_META = profiled("Observation")
_LONG_TERM = frozenset(
    ("hypertension", "diabetes", "heart-disease", "heart-failure", "stroke", "kidney-disease", "atrial-fibrillation")
)


def observation(person: Person, code: Json, category: list[Json], day: date, key: str, **value: object) -> Json:
    """A final Observation of `day`; `value` holds `valueQuantity`, `component` or nothing."""
    draw = person.draw
    return {
        "resourceType": "Observation",
        "id": person.record_id("Observation", key),
        "meta": _META,
        "status": "final",
        "category": category,
        "code": code,
        "subject": reference(person.reference),
        "effectiveDateTime": moment(day, draw.between(8, 17), draw.between(0, 11) * 5),
        "performer": [reference(draw.pick(person.clinicians))],
        **value,
    }


def observations(person: Person) -> Iterator[Json]:
    """Everything measured or noted about one person."""
    age = person.age
    if age < 16:
        return
    watched = not _LONG_TERM.isdisjoint(person.problems)
    yield from _blood_pressures(person, 6 if watched else 3 if age >= 40 else person.draw.between(0, 2))
    if watched or person.draw.chance(0.5):
        index = _tenths(max(15.5, person.draw.bell(27.5, 5)))
        yield _measured(person, _BODY_MASS_INDEX, VITAL_SIGNS, "bmi", quantity(index, "kg/m2", "kg/m2"))
        height = person.draw.bell(1.62 if person.female else 1.75, 0.06)
        weight = _tenths(float(index) * height * height)
        yield _measured(person, _WEIGHT, VITAL_SIGNS, "weight", quantity(weight, "kg", "kg"))
    yield observation(person, person.draw.pick(_SMOKING), SOCIAL_HISTORY, _recent(person), "smoking")
    yield from _laboratory(person, age, watched=watched)
    if age >= 65:
        yield from _circumstances(person, age)


def _blood_pressures(person: Person, count: int) -> Iterator[Json]:
    high = 140 if "hypertension" in person.problems else 127
    for number in range(count):
        systolic = round(max(88, person.draw.bell(high, 13)))
        diastolic = round(max(48, person.draw.bell(systolic * 0.57, 6)))
        yield observation(
            person, _BLOOD_PRESSURE, VITAL_SIGNS, _recent(person), f"bp-{number}",
            component=[
                {"code": _SYSTOLIC, "valueQuantity": quantity(systolic, "mmHg", "mm[Hg]")},
                {"code": _DIASTOLIC, "valueQuantity": quantity(diastolic, "mmHg", "mm[Hg]")},
            ],
        )  # fmt: skip


def _laboratory(person: Person, age: int, *, watched: bool) -> Iterator[Json]:
    diabetic = "diabetes" in person.problems
    if diabetic or (watched and person.draw.chance(0.5)):
        for number in range(2 if diabetic else 1):
            value = round(max(28, person.draw.bell(58 if diabetic else 38, 9 if diabetic else 3)))
            yield _measured(person, _HBA1C, LABORATORY, f"hba1c-{number}", quantity(value, "mmol/mol", "mmol/mol"))
    if watched or age >= 75:
        for number in range(3):
            mean = 47 if "kidney-disease" in person.problems else max(62, 105 - age // 2)
            value = round(max(12, person.draw.bell(mean, 8)))
            rate = quantity(value, "mL/min/1.73m2", "mL/min/{1.73_m2}")
            yield _measured(person, _EGFR, LABORATORY, f"egfr-{number}", rate)
    if watched or (age >= 40 and person.draw.chance(0.4)):
        yield from _blood_tests(person)


def _blood_tests(person: Person) -> Iterator[Json]:
    creatinine = round(max(38, person.draw.bell(128 if "kidney-disease" in person.problems else 78, 14)))
    yield _measured(person, _CREATININE, LABORATORY, "creatinine", quantity(creatinine, "umol/L", "umol/L"))
    cholesterol = _tenths(max(2.4, person.draw.bell(4.9, 0.9)))
    yield _measured(person, _CHOLESTEROL, LABORATORY, "cholesterol", quantity(cholesterol, "mmol/L", "mmol/L"))
    haemoglobin = round(max(70, person.draw.bell(131 if person.female else 143, 12)))
    yield _measured(person, _HAEMOGLOBIN, LABORATORY, "haemoglobin", quantity(haemoglobin, "g/L", "g/L"))


def _circumstances(person: Person, age: int) -> Iterator[Json]:
    low, high = DEFICITS[person.frailty]
    score = (Decimal(person.draw.between(low, high)) / 36).quantize(Decimal("0.01"))
    yield _measured(person, FRAILTY_INDEX, SURVEY, "frailty-index", quantity(score, "score", "{score}"))
    if person.home is None:
        if person.draw.chance(0.32 if age < 80 else 0.5):
            yield observation(person, _LIVES_ALONE, SOCIAL_HISTORY, _recent(person), "lives-alone")
        if person.frailty == "severe" and person.draw.chance(0.5):
            yield observation(person, _HOUSEBOUND, SOCIAL_HISTORY, _recent(person), "housebound")
    if person.frailty == "severe" and person.draw.chance(0.15):
        yield observation(person, _END_OF_LIFE, SOCIAL_HISTORY, _recent(person), "end-of-life")


def _measured(person: Person, code: Json, category: list[Json], key: str, value: Json) -> Json:
    return observation(person, code, category, _recent(person), key, valueQuantity=value)


def _tenths(value: float) -> Decimal:
    # Formatted, not divided: 27.0 keeps its zero, as a laboratory would write it.
    return Decimal(f"{value:.1f}")


def _recent(person: Person) -> date:
    return person.draw.day(max(person.born, days_before(person.until, 540)), person.until)
