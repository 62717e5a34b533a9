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
    shown: dict[tuple[str, str, int], Evidence] = {}
    current: dict[str, dict[str, int]] = {}
    for row in rows:
        cohort, patient, number = row["cohort"], row["patient"], row["number"]
        if row["until"] is None and row["origin"] == "rule" and cohort in selection.definitions:
            current.setdefault(cohort, {})[patient] = number
        else:
            shown[cohort, patient, number] = decode(bytes(row["evidence"]))
    people = await known_numbers(connection, {patient for stays in current.values() for patient in stays})
    for cohort, stays in sorted(current.items()):
        asked = {patient: people[patient] for patient in stays if patient in people}
        found = await evidence_of(connection, selection, cohort, as_of, asked.values())
        shown.update({(cohort, patient, stays[patient]): found.get(person, []) for patient, person in asked.items()})
    return shown
