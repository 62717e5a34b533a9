"""The frailty index of some people, read from their facts as of a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cohort_service.domain.frailty_index import (
    BANDS,
    DEGREES,
    POLYPHARMACY,
    FrailtyIndex,
    band_cohort,
    counted_by,
    degree_cohort,
)
from cohort_service.facts.record_displays import displays_said
from cohort_service.lists.evidence import evidence_of
from cohort_service.selection.compile import members_sql
from cohort_service.selection.deficits import deficits_sql
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.london_days import date_of
from tandem.record_facts.fact import UNDATED

Record = dict[str, Any]
"""What a record says: reference, system, code, display and date, as evidence of memberships has it."""

_NAMED = (
    "SELECT d.person, d.category, r.reference, c.system, c.code, c.display, d.starts FROM ({deficits}) d"
    " JOIN record r ON r.number = d.record JOIN concept c ON c.number = d.concept"
    " ORDER BY d.starts, r.reference, c.code"
)


@dataclass(slots=True)
class Frailty:
    """The index of one person, the records behind each deficit by its name, and those of the confirmed degree."""

    index: FrailtyIndex
    records: dict[str, list[Record]] = field(default_factory=dict)
    confirmed: list[Record] = field(default_factory=list)


async def frailty_of(
    connection: Connection, selection: Selection, as_of: date, patients: Collection[str]
) -> dict[str, Frailty]:
    """The index of each of these people (Patient.id); of somebody of whom nothing is known too.

    Raises KeyError when the definitions of the bands are not installed.
    """
    rows = await connection.fetch(
        f"SELECT number, patient FROM person WHERE patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, sorted(patients)),
    )
    by_number = {row["number"]: row["patient"] for row in rows}
    records = await _deficits(connection, selection, as_of, by_number)
    bands = await _cohorts(connection, selection, as_of, by_number, {band_cohort(each): each for each in BANDS})
    degrees = await _cohorts(connection, selection, as_of, by_number, {degree_cohort(each): each for each in DEGREES})
    said = await _said(connection, selection, as_of, degrees)
    numbers = {patient: number for number, patient in by_number.items()}
    found = {}
    for patient in patients:
        number = numbers.get(patient, 0)
        held = records.get(number, {})
        index = FrailtyIndex(bands.get(number), degrees.get(number), tuple(sorted(held)))
        found[patient] = Frailty(index, held, said.get(number, []))
    return found


async def _deficits(
    connection: Connection, selection: Selection, as_of: date, people: Collection[int]
) -> dict[int, dict[str, list[Record]]]:
    definition = selection.definitions[band_cohort("severe")]
    counted = counted_by(definition)
    names = selection.groups.get(counted.group, ())
    sql = deficits_sql(selection, definition, counted, as_of, connection.dialect)
    found: dict[int, dict[str, list[Record]]] = {}
    rows = await connection.fetch(_NAMED.format(deficits=sql), array(connection.dialect, sorted(people)))
    called = await displays_said(
        connection, ((row["reference"], row["system"], row["code"]) for row in rows if row["display"] is None)
    )
    for row in rows:
        place = row["category"]
        name = names[place].removeprefix(f"{counted.group}-") if place >= 0 else POLYPHARMACY
        found.setdefault(row["person"], {}).setdefault(name, []).append({
            "reference": row["reference"], "system": row["system"], "code": row["code"],
            "display": row["display"] or called.get((row["reference"], row["system"], row["code"])),
            "date": date_of(row["starts"]).isoformat() if row["starts"] > UNDATED else None,
        })  # fmt: skip
    return found


async def _cohorts(
    connection: Connection, selection: Selection, as_of: date, people: Collection[int], named: dict[str, str]
) -> dict[int, str]:
    """Whom which of these cohorts selects, as the name that it stands for."""
    sql = members_sql(selection, sorted(named), as_of, connection.dialect, scope="people")
    rows = await connection.fetch(sql, array(connection.dialect, sorted(people)))
    return {row["person"]: named[row["cohort"]] for row in rows}


async def _said(
    connection: Connection, selection: Selection, as_of: date, degrees: dict[int, str]
) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for degree in sorted(set(degrees.values())):
        people = {number for number, each in degrees.items() if each == degree}
        found |= await evidence_of(connection, selection, degree_cohort(degree), as_of, people)
    return found
