"""The person whose story the demonstration tells: the first of every synthetic network.

Edith Hartley is 86. Five days before the reference date she moved into a nursing home: severely frail, with dementia,
falling again and again, and on fourteen medicines, some of which do her no good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tandem.synth.datatypes import age_on, days_before, years_before
from tandem.synth.network import Network
from tandem.synth.person import Person, born_person

GIVEN, FAMILY = "Edith", "Hartley"
AGE = 86
ADMITTED_DAYS_BEFORE = 5
_PROBLEM_YEARS = {
    "hypertension": 22, "diabetes": 14, "atrial-fibrillation": 6, "heart-failure": 4, "copd": 11, "kidney-disease": 5,
    "osteoarthritis": 15, "depression": 3, "dementia": 2, "recurrent-falls": 1, "incontinence": 2,
}  # fmt: skip
MEDICINES = (
    "amlodipine", "ramipril-low", "bisoprolol", "furosemide", "apixaban-low", "atorvastatin", "metformin",
    "lansoprazole", "paracetamol", "macrogol", "gabapentin", "zopiclone-low", "fluoxetine", "salbutamol",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Protagonist:
    """Who she is and where she lives. Ids are bare; codes are ODS codes."""

    name: str
    patient_id: str
    nhs_number: str
    age: int
    practice_code: str
    care_home_code: str
    care_home_id: str
    care_home_location_id: str
    admitted: str
    medicines: int


def protagonist_person(network: Network) -> Person:
    """The first person of the network, with her life in place of a drawn one."""
    person = born_person(network, 0)
    person.female, person.given, person.family = True, GIVEN, FAMILY
    person.born = days_before(years_before(network.as_of, AGE), 112)
    person.until, person.died = network.as_of, None
    person.frailty = "severe"
    person.home = next(home for home in network.homes if home.nursing)
    person.admitted = days_before(network.as_of, ADMITTED_DAYS_BEFORE)
    person.problems = {
        key: years_before(days_before(network.as_of, 40), years) for key, years in _PROBLEM_YEARS.items()
    }
    person.medicines = len(MEDICINES)
    return person


def protagonist_of(network: Network) -> Protagonist:
    """The facts about her in a network."""
    person = protagonist_person(network)
    if person.home is None or person.admitted is None:
        raise RuntimeError("the protagonist lives in a care home")
    return Protagonist(
        name=f"{person.given} {person.family}",
        patient_id=person.id,
        nhs_number=person.nhs_number,
        age=age_on(person.born, network.as_of),
        practice_code=person.practice.code,
        care_home_code=person.home.party.code,
        care_home_id=person.home.party.id,
        care_home_location_id=person.home.location.partition("/")[2],
        admitted=person.admitted.isoformat(),
        medicines=len(MEDICINES),
    )


def people(network: Network, *, patients: int) -> Iterator[Person]:
    """Everyone registered in the network, the protagonist first, one at a time."""
    yield protagonist_person(network)
    for index in range(1, patients):
        yield born_person(network, index)


def is_protagonist(person: Person) -> bool:
    return person.index == 0
