"""The rows of facts, written record by record: whatever a record said before is replaced by what it says now.

Everything that writes facts comes through here: the follower, the listeners, and bulk loading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohort_service.domain.facts.person import Person
from cohort_service.domain.facts.products import product_of
from cohort_service.facts.concepts import Code, Concepts
from cohort_service.facts.numbering import draw_numbers
from cohort_service.facts.person_rows import copy_people, person_numbers
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.record_facts.fact import Fact

_RECORD = ("number", "reference", "person")
_FACT = ("person", "concept", "starts", "ends", "record", "value")
_MEDICINE = ("person", "concept", "starts", "ends", "record", "product")


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a record says now. `reference` is `Type/id`, `patient` the id of the person, None when it is of nobody."""

    reference: str
    patient: str | None
    facts: Sequence[Fact]


@dataclass(slots=True)
class _Rows:
    facts: list[tuple[Any, ...]] = field(default_factory=list)
    medicines: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, person: int, record: int, facts: Sequence[Fact], numbers: Mapping[Code, int]) -> None:
        ordered = product_of(facts)
        for fact in facts:
            row = (person, numbers[fact.system, fact.code], fact.starts, fact.ends, record)
            if not fact.medicine:
                self.facts.append((*row, fact.value))
            elif ordered is not None:
                self.medicines.append((*row, numbers[ordered]))

    async def write(self, connection: Connection) -> None:
        await connection.copy_rows("fact", _FACT, self.facts)
        await connection.copy_rows("medicine", _MEDICINE, self.medicines)


async def write_facts(connection: Connection, concepts: Concepts, records: Sequence[RecordFacts]) -> set[int]:
    """Put what these records say in place of what they said; each of them once.

    Answers the numbers of the people of whom a fact was taken away or given. A record is numbered when it is first
    seen, also when it says nothing, so that numbers do not depend on how changes fell into batches.
    """
    about = {each.reference: each.patient for each in records if each.patient is not None}
    people = await person_numbers(connection, set(about.values()))
    held = await _held(connection, [each.reference for each in records])
    touched = await _take_away(connection, [number for number, _ in held.values()])
    places = await _place(connection, held, {reference: people[patient] for reference, patient in about.items()})
    numbers = await concepts.numbers(connection, _codes(records))
    rows = _Rows()
    for each in records:
        if each.patient is not None:
            rows.add(people[each.patient], places[each.reference], each.facts, numbers)
            touched |= {people[each.patient]} if each.facts else set()
    await rows.write(connection)
    return touched


async def copy_facts(
    connection: Connection, concepts: Concepts, people: Mapping[str, Person], records: Sequence[RecordFacts]
) -> None:
    """Write people (by patient id) and records that are all new here, in bulk; the records are of these people.

    Raises UniqueViolation when one is not new, and KeyError for a record of somebody else.
    """
    known = await copy_people(connection, people)
    about = [(each, known[each.patient]) for each in records if each.patient is not None]
    drawn = await draw_numbers(connection, "record", len(about))
    numbers = await concepts.numbers(connection, _codes(records))
    rows = _Rows()
    for number, (each, person) in zip(drawn, about, strict=True):
        rows.add(person, number, each.facts, numbers)
    await connection.copy_rows(
        "record", _RECORD,
        [(number, each.reference, person) for number, (each, person) in zip(drawn, about, strict=True)],
    )  # fmt: skip
    await rows.write(connection)


async def record_numbers(connection: Connection, references: Collection[str]) -> dict[str, int]:
    """The numbers of these records; those unknown are left out."""
    return {reference: number for reference, (number, _) in (await _held(connection, references)).items()}


async def replace_derived(
    connection: Connection, concepts: Concepts, code: Code, facts: Mapping[int, Sequence[tuple[int, Fact]]]
) -> set[int]:
    """Put for each of these people (by number) facts of one code of ours, each with its record, in place of those
    there were. Answers the people who had or have any."""
    number = (await concepts.numbers(connection, [code]))[code]
    people = sorted(facts)
    gone = await connection.fetch(
        f"DELETE FROM fact WHERE concept = $1 AND person {among(connection.dialect, '$2', 'bigint')} RETURNING person",
        number, array(connection.dialect, people),
    )  # fmt: skip
    rows = _Rows()
    for person in people:
        for record, fact in facts[person]:
            rows.add(person, record, [fact], {code: number})
    await rows.write(connection)
    return {row["person"] for row in gone} | {person for person in people if facts[person]}


def _codes(records: Iterable[RecordFacts]) -> Iterable[Code]:
    return ((fact.system, fact.code) for each in records for fact in each.facts)


async def _held(connection: Connection, references: Collection[str]) -> dict[str, tuple[int, int]]:
    """Number and person of the records that are known."""
    if not references:
        return {}
    rows = await connection.fetch(
        f"SELECT number, reference, person FROM record WHERE reference {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, references),
    )
    return {row["reference"]: (row["number"], row["person"]) for row in rows}


async def _take_away(connection: Connection, records: Sequence[int]) -> set[int]:
    """Delete the facts of these records; answers whose they were."""
    if not records:
        return set()
    condition, numbers = among(connection.dialect, "$1", "bigint"), array(connection.dialect, records)
    whose: set[int] = set()
    for table in ("fact", "medicine"):
        rows = await connection.fetch(f"DELETE FROM {table} WHERE record {condition} RETURNING person", numbers)
        whose |= {row["person"] for row in rows}
    return whose


async def _place(
    connection: Connection, held: Mapping[str, tuple[int, int]], about: Mapping[str, int]
) -> dict[str, int]:
    """The numbers of these records, with the person each is about now; new ones are numbered in the order given."""
    moved = [(held[each][0], person) for each, person in about.items() if each in held and held[each][1] != person]
    if moved:
        await connection.executemany("UPDATE record SET person = $2 WHERE number = $1", moved)
    new = [reference for reference in about if reference not in held]
    drawn = dict(zip(new, await draw_numbers(connection, "record", len(new)), strict=True)) if new else {}
    await connection.copy_rows("record", _RECORD, [(number, each, about[each]) for each, number in drawn.items()])
    return {reference: number for reference, (number, _) in held.items()} | drawn
