"""What a record itself calls its code, to be shown beside the code to whoever sees that person's evidence.

Used for codes that no value set has words for, such as most products. It is read from the record that gave the fact and
nowhere else: what is written of one person is never shown of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cohort_service.facts.current_records import CurrentRecord, current_records
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id

_MEDICATION = "Medication"

Said = tuple[str, str, str]
"""Reference of a record (`Type/id`), system and code."""


async def displays_said(connection: Connection, asked: Iterable[Said]) -> dict[Said, str]:
    """The words of each of these records, as it stands now, for the code; those that have none are left out.

    Of an order by reference those of its Medication. Left out is also a record of another service, which has no body
    here, and one that is about somebody else by now whose facts have not followed yet.
    """
    wanted = set(asked)
    if not wanted:
        return {}
    people = await _people(connection, {reference for reference, _, _ in wanted})
    records = {
        name: each.body
        for name, each in (await current_records(connection, map(_name, sorted(people)))).items()
        if each.body is not None and each.patient == people[name]
    }
    ordered = {name: f"{_MEDICATION}/{named}" for name, body in records.items() if (named := _medication(body))}
    medications = await current_records(connection, map(_name, sorted(set(ordered.values()))))
    said = {name: dict(_displays(_with_medication(body, medications.get(ordered.get(name, "")))))
            for name, body in records.items()}  # fmt: skip
    return {
        (name, system, code): display
        for name, system, code in wanted
        if (display := said.get(name, {}).get((system, code))) is not None
    }


async def _people(connection: Connection, references: Iterable[str]) -> Mapping[str, str]:
    """The Patient.id of whom the facts of each record are."""
    rows = await connection.fetch(
        "SELECT r.reference, p.patient FROM record r JOIN person p ON p.number = r.person"
        f" WHERE r.reference {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, sorted(references)),
    )
    return {row["reference"]: row["patient"] for row in rows}


def _name(reference: str) -> tuple[str, str]:
    kind, _, identity = reference.partition("/")
    return kind, identity


def _medication(body: Resource) -> str | None:
    return target_id(body.get("medicationReference"), _MEDICATION)


def _with_medication(body: Resource, medication: CurrentRecord | None) -> list[Any]:
    return [body] if medication is None else [medication.body, body]


def _displays(part: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """System and code with the display, of every Coding within."""
    if isinstance(part, list):
        for each in part:
            yield from _displays(each)
    elif isinstance(part, dict):
        system, code, display = part.get("system"), part.get("code"), part.get("display")
        if isinstance(system, str) and isinstance(code, str) and isinstance(display, str):
            yield (system, code), display
        for each in part.values():
            yield from _displays(each)
