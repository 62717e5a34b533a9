"""`POST Task/[id]/$decide-case`: a meeting accepts or declines a case it found (PCPC-019 to PCPC-022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mdt_service.case_management.register_review_rows import registered_with
from mdt_service.case_management.shipped_policies import care_processes
from mdt_service.case_management.task_owner import owner_known
from mdt_service.domain.case_management.case_finding import (
    ACCEPT,
    CASE_FINDING,
    DECISIONS,
    CareProcess,
    decided,
    process_task,
)
from mdt_service.domain.meetings.agenda_item import meeting_of, next_status
from mdt_service.domain.meetings.meeting_transitions import HELD, OPEN
from mdt_service.domain.tasks.due import kind_of
from mdt_service.meetings.meeting_rights import sees_person, takes_part
from mdt_service.meetings.meeting_rows import meeting_row
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.literal_reference import target_id
from tandem.fhir.operation_parameters import one_of, only, short_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.audit import record
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ACCEPTED: Final = "tandem.case.accepted"
EMITS: Final = {ACCEPTED: "A meeting accepted a case: the person joins the register, with who coordinates the care."}


@dataclass(frozen=True, slots=True)
class _Asked:
    patient: str
    meeting: str
    decision: str
    reason: str | None
    coordinator: str | None
    process: CareProcess | None


async def decide_case(call: OperationCall) -> FhirResponse:
    """`decision` (accept, decline), `patient` unless the Task names one, `coordinator` (a Reference to staff) and
    `process` (of the configured spectrum) of one that is accepted, `reason`: the Task, completed.

    Raises FhirError 400, 403 for who takes no part in the meeting, 404, and 422 with everything that is missing;
    nothing is written then.
    """
    only(call, ("decision", "patient", "coordinator", "process", "reason"))
    assert call.id is not None, "declared on the instance"
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        held = await visible_resource(call.kernel, connection, call.request, "Task", call.id, lock=True)
        task: Resource | None = decode(held.body) if held is not None and held.body is not None else None
        if task is None or kind_of(task) != CASE_FINDING:
            raise FhirError(Kind.NOT_FOUND, "There is no such case-finding item")
        work = work_of(call, connection, now)
        asked = await _asked(call, connection, work, task)
        task = await _keep(work, decided(
            task, asked.patient, asked.decision, asked.reason, asked.coordinator, asked.process
        ))  # fmt: skip
        await _follow(work, call, asked)
        await record(connection, [
            audit_entry(call.request, "$decide-case", to_micros(now), resource_type="Task", resource_id=call.id,
                        patient=asked.patient)
        ])  # fmt: skip
    return FhirResponse(200, encode(task))


async def _asked(call: OperationCall, connection: Connection, work: Work, task: Resource) -> _Asked:
    decision, reason = one_of(call, "decision", DECISIONS, ""), short_text(call, "reason")
    meeting = await meeting_row(connection, meeting_of(task))
    issues: list[Issue] = []
    if next_status(str(task.get("status"))) is None:
        issues.append(Issue(f"The item is {task.get('status')}: it was decided already", "Task.status"))
    if meeting is None or meeting.status not in (*OPEN, HELD):
        issues.append(Issue("A case is found at a meeting: basedOn its Appointment (003 §2.2)", "Task.basedOn"))
    elif not await takes_part(connection, call.request.caller, meeting, to_micros(work.now)):
        raise FhirError(Kind.FORBIDDEN, "A case is decided by an organisation that takes part in the meeting")
    patient = await _patient(call, connection, task)
    if patient is None:
        issues.append(Issue("Case finding identifies the person: give patient (003 §2.2 b1)", "patient"))
    coordinator, process = None, None
    if decision == ACCEPT:
        coordinator, process = await _coordinator(call, work), care_processes().get(short_text(call, "process") or "")
        if coordinator is None:
            words = "An accepted case names the key person who coordinates care, known here (003 §2.2 b2)"
            issues.append(Issue(words, "coordinator"))
        if process is None:
            words = f"An accepted case has its care process: one of {', '.join(care_processes())} (003 §2.2 b3)"
            issues.append(Issue(words, "process"))
    elif reason is None:
        issues.append(Issue("Say in reason why the case is not accepted (003 §2.2)", "reason"))
    if issues or patient is None or meeting is None:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    return _Asked(patient, meeting.appointment, decision, reason, coordinator, process)


async def _patient(call: OperationCall, connection: Connection, task: Resource) -> str | None:
    named = target_id(task.get("for"), "Patient")
    given = call.one("patient")
    patient = named or (await person_named(connection, given) if given is not None else None)
    return patient if patient is not None and await sees_person(call, connection, patient) else None


async def _coordinator(call: OperationCall, work: Work) -> str | None:
    known: dict[str, Any] | None = await owner_known(work, call.one("coordinator"))
    literal = str((known or {}).get("reference") or "")
    return literal if literal.startswith(("PractitionerRole/", "Practitioner/")) else None


async def _keep(work: Work, task: Resource) -> Resource:
    """On the way of the table to its end."""
    while (following := next_status(str(task["status"]))) is not None:
        task = await work.put({**task, "status": following})
    return task


async def _follow(work: Work, call: OperationCall, asked: _Asked) -> None:
    assert call.id is not None, "declared on the instance"
    if asked.decision != ACCEPT or asked.process is None or asked.coordinator is None:
        return
    await work.put(process_task(call.id, asked.patient, asked.process, asked.coordinator, work.now))
    practice = await registered_with(work.connection, asked.patient, to_micros(work.now))
    await work.emit(ACCEPTED, {
        "task": call.id, "meeting": f"Appointment/{asked.meeting}", "practice": practice,
        "coordinator": asked.coordinator,
    }, key=call.id, patient=asked.patient)  # fmt: skip
