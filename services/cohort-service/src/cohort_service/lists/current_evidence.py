"""The evidence of memberships as they are read: of a current one by rule what puts the person there today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from cohort_service.facts.person_rows import known_numbers
from cohort_service.lists.evidence import evidence_of
from cohort_service.lists.member_rows import Evidence
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode

Shown = Mapping[tuple[str, str, int], Evidence]
"""The evidence of memberships by cohort, Patient.id and number of the stay."""


async def evidence_shown(connection: Connection, selection: Selection, as_of: date, rows: Iterable[Row]) -> Shown:
    """The evidence of these rows of `group_member`, of which cohort, patient, number, until, origin and evidence are
    read.

    What is kept with a membership is what put the person there when it began: that is shown of one that has ended, of
    one by judgement, and of one whose cohort is no longer defined. Of every other one it is computed, in one statement
    a cohort.
    """
    known = list(rows)
    today: dict[str, set[str]] = {}
    for row in known:
        if row["until"] is None and row["origin"] == "rule" and row["cohort"] in selection.definitions:
            today.setdefault(row["cohort"], set()).add(row["patient"])
    found = await _of_today(connection, selection, as_of, today)
    return {
        (row["cohort"], row["patient"], row["number"]): (
            found.get((row["cohort"], row["patient"]), [])
            if row["until"] is None and row["patient"] in today.get(row["cohort"], ())
            else decode(bytes(row["evidence"]))
        )
        for row in known
    }


async def _of_today(
    connection: Connection, selection: Selection, as_of: date, asked: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str], Evidence]:
    numbers = await known_numbers(connection, {patient for patients in asked.values() for patient in patients})
    patients_by_number = {number: patient for patient, number in numbers.items()}
    found: dict[tuple[str, str], Evidence] = {}
    for cohort, patients in sorted(asked.items()):
        people = [numbers[patient] for patient in patients if patient in numbers]
        given = await evidence_of(connection, selection, cohort, as_of, people)
        found.update({(cohort, patients_by_number[number]): entries for number, entries in given.items()})
    return found
