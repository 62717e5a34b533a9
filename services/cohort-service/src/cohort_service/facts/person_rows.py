"""The rows of people. A person has one as soon as a Patient, or any fact of that patient, is here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cohort_service.domain.facts.person import Person
from cohort_service.facts.numbering import draw_numbers
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

_COLUMNS = ("number", "patient", "born", "sex", "died", "left_on")
_UPDATE = "UPDATE person SET born = $2, sex = $3, died = $4, left_on = $5 WHERE number = $1"


async def person_numbers(connection: Connection, patients: Collection[str]) -> dict[str, int]:
    """The number of each patient (by id); whoever has none gets one."""
    known = await known_numbers(connection, patients)
    if missing := sorted(set(patients) - set(known)):
        # Sorted, so that two transactions with the same new people wait for each other instead of deadlocking.
        await connection.executemany(
            "INSERT INTO person (patient) VALUES ($1) ON CONFLICT (patient) DO NOTHING", [(each,) for each in missing]
        )
        known |= await known_numbers(connection, missing)
    return known


async def write_person(connection: Connection, patient: str, person: Person | None) -> int:
    """Keep what the Patient says now; None when nothing is known but that there is one. Answers the number."""
    if person is None:
        return (await person_numbers(connection, [patient]))[patient]
    return (await write_people(connection, {patient: person}))[patient]


async def write_people(connection: Connection, people: Mapping[str, Person]) -> dict[str, int]:
    """Keep what these Patients (by id) say now. Answers their numbers."""
    numbers = await person_numbers(connection, people.keys())
    # In the order of numbers, as everybody takes people, so that nobody deadlocks.
    await connection.executemany(
        _UPDATE, sorted((numbers[patient], *_values(person)) for patient, person in people.items())
    )
    return numbers


async def copy_people(connection: Connection, people: Mapping[str, Person]) -> dict[str, int]:
    """As `write_people`, for many who are all new here. Raises UniqueViolation when one is not."""
    drawn = await draw_numbers(connection, "person", len(people))
    numbers = dict(zip(people, drawn, strict=True))
    rows = [(numbers[patient], patient, *_values(person)) for patient, person in people.items()]
    await connection.copy_rows("person", _COLUMNS, rows)
    return numbers


async def known_numbers(connection: Connection, patients: Collection[str]) -> dict[str, int]:
    """The number of each of these patients (by id) who has one."""
    if not patients:
        return {}
    rows = await connection.fetch(
        f"SELECT number, patient FROM person WHERE patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, patients),
    )
    return {row["patient"]: row["number"] for row in rows}


def _values(person: Person) -> tuple[Any, ...]:
    return person.born, person.sex, person.died, person.left
