"""`POST Organization/{practice}/$case-register-entry`: people put on the register, or kept off it (PCPC-017)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, register_to_change
from cohort_service.case_register.asked import person_of
from cohort_service.case_register.decided_entries import By, Decided, write_decisions
from cohort_service.case_register.entry_rows import standing_of
from cohort_service.domain.case_register.entry import Asked, Status, faults_of
from cohort_service.lists.group_access import may_see
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST = 2_000
_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9\-.]{1,64}")


async def case_register_entry(call: OperationCall) -> FhirResponse:
    """Takes `entry` parameters, all or none, with the parts `patient`, `decision` (add, decline, remove; else add),
    `source` (repeated; an `add` of somebody who is no candidate needs one), `detail`, `reason`, `meeting` (Reference).

    Answers how many were written. Raises FhirError 400, 403, 404, 413, and 422 with every fault.
    """
    rows = rows_asked(call, "entry")
    if len(rows) > _MOST:
        raise FhirError(Kind.TOO_LARGE, f"At most {_MOST} entries at once")
    async with call.kernel.database.transaction() as connection:
        seen = await register_to_change(call, connection)
        decisions = await _decisions(call, connection, seen, rows)
        now, caller = call.kernel.clock.now(), call.request.caller
        by = By(seen.practice.code, caller.organisation, caller.user or f"Organization/{seen.practice.id}")
        await write_decisions(work_of(call, connection, now), by, decisions)
        await record(connection, [
            audit_entry(call.request, "$case-register-entry", to_micros(now), resource_type="Organization",
                        resource_id=call.id, patient=each.patient) for each in decisions
        ])  # fmt: skip
    return answer([{"name": "recorded", "valueInteger": len(decisions)}])


async def _decisions(
    call: OperationCall, connection: Connection, seen: Seen, rows: list[Part]
) -> list[Decided]:
    people = [await _person(call, connection, seen, row) for row in rows]
    standing = await standing_of(connection, seen.practice.code, [each for each in people if each is not None])
    found: dict[str, Decided] = {}
    for row, patient in zip(rows, people, strict=True):
        decided = _decided(row, patient or "", standing.get(patient or ""))
        if patient is not None and patient in found:
            row.fault("patient", "A person is named by one entry, with all its sources")
        found[patient or ""] = decided
    refuse_faults(rows)
    return list(found.values())


async def _person(call: OperationCall, connection: Connection, seen: Seen, row: Part) -> str | None:
    value = row.one("patient", "a Reference to the Patient")
    patient = await person_of(connection, row, value) if value is not None else None
    if patient is None or not await _registered(connection, patient, seen.practice.code):
        if not row.issues:
            row.fault("patient", "There is no such person in your care at this practice")
        return None
    if not await may_see(call, connection, patient):
        row.fault("patient", "There is no such person in your care at this practice")
        return None
    return patient


async def _registered(connection: Connection, patient: str, practice: str) -> bool:
    found = await connection.fetchval("SELECT practice FROM patient WHERE id = $1 AND deleted = 0", patient)
    return bool(found == practice)


def _decided(row: Part, patient: str, standing: Status | None) -> Decided:
    decision = row.text("decision", required=False) or "add"
    detail, reason, meeting = row.text("detail", required=False), row.text("reason", required=False), _meeting(row)
    named = row.all("source")
    if not all(isinstance(each, str) for each in named):
        row.fault("source", "source is a code")
        named = []
    sources = tuple(dict.fromkeys(named))
    for name, text in faults_of(Asked(decision, sources, reason, meeting, standing)):
        row.fault(name, text)
    return Decided(patient, decision, sources, detail, reason, meeting)


def _meeting(row: Part) -> str | None:
    value: Any = row.one("meeting", "a Reference to the meeting", required=False)
    reference = value.get("reference") if isinstance(value, dict) else value
    if reference is None:
        return None
    if not isinstance(reference, str) or _REFERENCE.fullmatch(reference) is None:
        row.fault("meeting", "meeting is a Reference such as Encounter/1")
        return None
    return reference
