"""Long-term conditions: how common they are by age, and the Condition that records one.

Prevalences are rounded from what English practices report; they make a believable list, not an epidemiology.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tandem.synth.datatypes import Json, days_before, hl7, profiled, reference, snomed
from tandem.synth.person import Person

_BANDS = (18, 40, 55, 65, 75, 85)


@dataclass(frozen=True, slots=True)
class Problem:
    """`by_age`: share of people under 18, 40, 55, 65, 75, 85, and over, in thousandths. `sex`: f, m or both."""

    code: Json
    by_age: tuple[int, int, int, int, int, int, int]
    sex: str = "both"


PROBLEMS: dict[str, Problem] = {
    "hypertension": Problem(snomed("59621000", "Essential hypertension"), (0, 20, 120, 280, 450, 550, 600)),
    "diabetes": Problem(snomed("44054006", "Type 2 diabetes mellitus"), (0, 8, 60, 120, 180, 200, 160)),
    "copd": Problem(snomed("13645005", "Chronic obstructive lung disease"), (0, 0, 10, 40, 80, 100, 90)),
    "asthma": Problem(snomed("195967001", "Asthma"), (80, 80, 70, 70, 65, 55, 45)),
    "atrial-fibrillation": Problem(snomed("49436004", "Atrial fibrillation"), (0, 0, 5, 20, 60, 130, 200)),
    "heart-failure": Problem(snomed("84114007", "Heart failure"), (0, 0, 3, 10, 30, 70, 130)),
    "heart-disease": Problem(snomed("414545008", "Ischaemic heart disease"), (0, 0, 20, 60, 120, 170, 200)),
    "stroke": Problem(snomed("230690007", "Cerebrovascular accident"), (0, 1, 6, 15, 40, 80, 120)),
    "kidney-disease": Problem(snomed("433144002", "Chronic kidney disease stage 3"), (0, 0, 10, 40, 120, 280, 380)),
    "dementia": Problem(snomed("52448006", "Dementia"), (0, 0, 0, 3, 15, 80, 200)),
    "depression": Problem(snomed("35489007", "Depressive disorder"), (10, 100, 130, 120, 100, 100, 100)),
    "epilepsy": Problem(snomed("84757009", "Epilepsy"), (4, 7, 8, 9, 10, 11, 12)),
    "learning-disability": Problem(snomed("110359009", "Intellectual disability"), (5, 6, 6, 5, 3, 1, 0)),
    "osteoarthritis": Problem(snomed("396275006", "Osteoarthritis"), (0, 5, 50, 130, 220, 300, 350)),
    "osteoporosis": Problem(snomed("64859006", "Osteoporosis"), (0, 0, 8, 30, 70, 130, 200)),
    "hypothyroidism": Problem(snomed("40930008", "Hypothyroidism"), (1, 20, 40, 60, 70, 90, 100)),
    "parkinsons": Problem(snomed("49049000", "Parkinson's disease"), (0, 0, 0, 2, 6, 15, 20)),
    "hearing-loss": Problem(snomed("15188001", "Hearing loss"), (2, 5, 30, 80, 160, 270, 380)),
    "visual-impairment": Problem(snomed("397540003", "Visual impairment"), (1, 1, 3, 8, 20, 60, 150)),
    "incontinence": Problem(snomed("165232002", "Urinary incontinence"), (0, 5, 20, 40, 80, 140, 230)),
    "breast-cancer": Problem(snomed("254837009", "Malignant neoplasm of breast"), (0, 1, 12, 25, 40, 50, 55), "f"),
    "prostate-cancer": Problem(snomed("399068003", "Malignant tumor of prostate"), (0, 0, 2, 15, 50, 80, 95), "m"),
    "lung-cancer": Problem(snomed("363358000", "Malignant tumor of lung"), (0, 0, 1, 4, 8, 10, 8)),
    "bowel-cancer": Problem(snomed("93761005", "Primary malignant neoplasm of colon"), (0, 0, 2, 6, 14, 22, 25)),
    "falls": Problem(snomed("161898004", "Falls"), (0, 0, 2, 15, 40, 130, 260)),
    "recurrent-falls": Problem(snomed("279992002", "Recurrent falls"), (0, 0, 0, 3, 12, 50, 120)),
    "hip-fracture": Problem(snomed("5913000", "Fracture of neck of femur"), (0, 0, 1, 3, 10, 30, 80)),
    "gout": Problem(snomed("90560007", "Gout"), (0, 3, 15, 35, 55, 65, 65)),
    "reflux": Problem(snomed("235595009", "Gastroesophageal reflux disease"), (3, 30, 70, 110, 140, 150, 150)),
    "back-pain": Problem(snomed("279039007", "Low back pain"), (5, 90, 170, 190, 190, 180, 170)),
    "migraine": Problem(snomed("37796009", "Migraine"), (15, 80, 90, 60, 40, 25, 15)),
    "eczema": Problem(snomed("43116000", "Eczema"), (160, 70, 60, 60, 70, 80, 80)),
    "rhinitis": Problem(snomed("61582004", "Allergic rhinitis"), (70, 110, 90, 70, 50, 40, 25)),
    "obesity": Problem(snomed("414916001", "Obesity"), (10, 70, 120, 140, 130, 90, 40)),
    "cataract": Problem(snomed("193570009", "Cataract"), (0, 1, 6, 30, 110, 230, 330)),
    "delirium": Problem(snomed("2776000", "Delirium"), (0, 0, 0, 1, 5, 20, 60)),
}

FRAILTY = {
    "mild": snomed("925791000000100", "Mild frailty"),
    "moderate": snomed("925831000000107", "Moderate frailty"),
    "severe": snomed("925861000000102", "Severe frailty"),
}
_MORE_WHEN_FRAIL = {"fit": 0.6, "mild": 1.0, "moderate": 1.5, "severe": 2.0}
_DEMENTIA_IN_CARE_HOMES = 650
_META = profiled("Condition")
_ACTIVE = hl7("condition-clinical", "active", "Active")
_CONFIRMED = hl7("condition-ver-status", "confirmed", "Confirmed")
_PROBLEM_LIST = [hl7("condition-category", "problem-list-item", "Problem List Item")]


def decide_problems(person: Person) -> None:
    """Draw the person's problems and when each began."""
    age = person.age
    band = sum(age >= bound for bound in _BANDS)
    factor = _MORE_WHEN_FRAIL[person.frailty] if age >= 65 else 1.0
    unfit = "m" if person.female else "f"
    chance = person.draw.chance
    for key, problem in PROBLEMS.items():
        share = _DEMENTIA_IN_CARE_HOMES if person.home and key == "dementia" else problem.by_age[band] * factor
        if share and problem.sex != unfit and chance(share / 1000):
            earliest = max(person.born, days_before(person.until, 15 * 365))
            person.problems[key] = person.draw.day(earliest, person.until)


def conditions(person: Person) -> Iterator[Json]:
    """A Condition for each problem, and the frailty a clinician has confirmed."""
    for key, began in person.problems.items():
        yield condition(person, PROBLEMS[key].code, began, key)
    if person.frailty != "fit" and (person.home or person.draw.chance(0.8)):
        confirmed = person.draw.day(days_before(person.until, 700), person.until)
        yield condition(person, FRAILTY[person.frailty], confirmed, "frailty")


def condition(person: Person, code: Json, began: date, key: str) -> Json:
    """One confirmed and active Condition."""
    return {
        "resourceType": "Condition",
        "id": person.record_id("Condition", key),
        "meta": _META,
        "clinicalStatus": _ACTIVE,
        "verificationStatus": _CONFIRMED,
        "category": _PROBLEM_LIST,
        "code": code,
        "subject": reference(person.reference),
        "onsetDateTime": began.isoformat(),
        "recordedDate": began.isoformat(),
        "recorder": reference(person.draw.pick(person.clinicians)),
    }
