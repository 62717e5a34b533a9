"""`Appointment/[id]/$agenda`: whom a meeting is to discuss and why; GET reads it, POST fills it (AC-040, EHCH-022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mdt_service.domain.meetings.agenda_item import Reason, agenda_task, plan_of
from mdt_service.domain.meetings.codes import LEARNING_CASE, NAMED, REASONS
from mdt_service.domain.meetings.meeting_transitions import OPEN
from mdt_service.meetings.agenda_rows import items_of, waiting_for
from mdt_service.meetings.answers import body_of, meeting_shown, seen_items
from mdt_service.meetings.meeting_rights import meeting_asked, now_of, sees_person, takes_part
from mdt_service.meetings.meeting_rows import MeetingRow
from mdt_service.meetings.people_to_discuss import people_of
from mdt_service.multidisciplinary_teams.team_rows import team_row
from tandem.canonical import SNOMED_CT
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.neighbours import if_it_answers
from tandem.fhir.operation_parameters import only, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, reference, text
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import AuditEntry, record
from tandem.identity.derivation import hold
from tandem.ids import deterministic_id
from tandem.london_days import day_at

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_SHARED_PLAN: Final = "2181441000000107"
_MOST: Final = 100


async def agenda(call: OperationCall) -> FhirResponse:
    """GET: the items about people whom the caller may see. POST fills it first: with `patient` (repeated) by name, and
    with up to `most` (20) of the team's people: those flagged, chased or with a breached clock, then those not yet
    discussed. Nobody is on it twice. Raises FhirError 400, 403 for who takes no part, 404, 422 for one that is over.
    """
    if call.request.method == "POST":
        return await _fill(call)
    only(call, ())
    async with call.kernel.database.read() as connection:
        _, meeting = await meeting_asked(call, connection)
        told, people = await _shown(call, connection, meeting)
    await audit_reads(
        call.kernel.database, call.request, "$agenda", "Appointment", people, now_of(call), resource_id=call.id
    )
    return answer(told)


async def _fill(call: OperationCall) -> FhirResponse:
    only(call, ("patient", "most"))
    most, now = whole_number(call, "most", 20), call.kernel.clock.now()
    if most > _MOST:
        raise FhirError(Kind.BAD_REQUEST, f"most is a whole number from 0 to {_MOST}", expression="most")
    async with call.kernel.database.read() as connection:
        _, meeting = await meeting_asked(call, connection)
        if not await takes_part(connection, call.request.caller, meeting, now_of(call)):
            text_ = "An agenda is filled by organisations that take part in the meeting (000 §4.12 r4)"
            raise FhirError(Kind.FORBIDDEN, text_)
        _refuse_over(meeting)
        wanted = await _wanted(call, connection, meeting, most)
    plans = await _plans(call, list(wanted))
    async with call.kernel.database.transaction() as connection:
        await hold(connection, [f"meeting/agenda/{meeting.appointment}"])
        _, meeting = await meeting_asked(call, connection, lock=True)
        _refuse_over(meeting)
        work, held = work_of(call, connection, now), await _on_it(connection, meeting)
        added = [patient for patient in wanted if patient not in held]
        for patient in added:
            identity = deterministic_id("agenda-item", meeting.appointment, patient)
            plan = (plans or {}).get(patient)
            await work.put(agenda_task(identity, meeting.appointment, patient, wanted[patient], plan, now))
        about: list[str | None] = [*added] or [None]
        await record(connection, [_entry(call, patient) for patient in about])
    async with call.kernel.database.read() as connection:
        told, _ = await _shown(call, connection, meeting)
    unread = [text("plans", "not available just now")] if plans is None else []
    return answer([*told, number("added", len(added)), *unread])


def _entry(call: OperationCall, patient: str | None) -> AuditEntry:
    return audit_entry(
        call.request, "$agenda", now_of(call), resource_type="Appointment", resource_id=call.id, patient=patient
    )


async def _wanted(
    call: OperationCall, connection: Connection, meeting: MeetingRow, most: int
) -> dict[str, list[Reason]]:
    """Whom to put on the agenda, with why: by name, then those of the team who should be discussed."""
    wanted: dict[str, list[Reason]] = {}
    held = await _on_it(connection, meeting)
    for given in call.parameters.get("patient", []):
        patient = await person_named(connection, given)
        if patient is None or not await sees_person(call, connection, patient):
            raise FhirError(Kind.NOT_FOUND, "There is no such person", expression="patient")
        wanted[patient] = [Reason(NAMED, REASONS[NAMED])]
    team, now = await team_row(connection, meeting.team), now_of(call)
    if team is None:
        return wanted
    elsewhere = await waiting_for(connection, team.team, now, meeting.appointment)
    found = 0
    for person in await people_of(call, connection, team, max(meeting.day, day_at(now))):
        named = person.patient in wanted
        if person.patient in held or not person.reasons or (person.patient in elsewhere and not named):
            continue
        if named or found < most:
            found += not named
            wanted[person.patient] = [*wanted.get(person.patient, []), *person.reasons]
    return wanted


async def _on_it(connection: Connection, meeting: MeetingRow) -> set[str | None]:
    return {item.patient for item in await items_of(connection, meeting.appointment)}


async def _plans(call: OperationCall, patients: list[str]) -> dict[str, str] | None:
    """The shared plan of each (CarePlan.id), as far as the caller may read it; None when nobody answers."""
    if not patients:
        return {}
    named = ",".join(f"Patient/{each}" for each in patients)
    category = quote(f"{SNOMED_CT}|{_SHARED_PLAN}", safe="")
    path = f"CarePlan?patient={quote(named)}&category={category}&status=draft,active"
    found = await if_it_answers(call.kernel.neighbours.searchset("careplan-service", path, call.request))
    if found is None:
        return None
    plans = sorted(found, key=lambda each: (each["status"] == "active", each["id"]))
    return {str(each["subject"]["reference"]).removeprefix("Patient/"): str(each["id"]) for each in plans
            if each["subject"].get("reference")}  # fmt: skip


def _refuse_over(meeting: MeetingRow) -> None:
    if meeting.status not in OPEN:
        text_ = f"The meeting is over ({meeting.status}): its agenda is filled no more"
        raise FhirError(Kind.BUSINESS_RULE, text_, expression="Appointment.status")


async def _shown(
    call: OperationCall, connection: Connection, meeting: MeetingRow
) -> tuple[list[Parameter], set[str | None]]:
    told, people, places = meeting_shown(call, meeting), set[str | None](), list(REASONS)
    items: list[tuple[int, Parameter]] = []
    for row in await seen_items(call, connection, meeting.appointment):
        item = await body_of(connection, row.task)
        reason = item.get("reasonCode") or {}
        codes = [str(each.get("code")) for each in reason.get("coding") or () if each.get("code") in REASONS]
        shown = [reference("task", f"Task/{row.task}"), text("status", row.status)]
        shown += [reference("patient", f"Patient/{row.patient}")] if row.patient else []
        shown += [text("reason", each) for each in codes]
        shown += [text("why", str(reason["text"]))] if reason.get("text") else []
        plan = plan_of(item)
        shown += [reference("plan", f"CarePlan/{plan}")] if plan else []
        sources = item.get("partOf") or ()
        shown += [reference("from", str(each["reference"])) for each in sources if each.get("reference")]
        place = min((places.index(each) for each in codes), default=places.index(LEARNING_CASE))
        items.append((place, parts("item", shown)))
        people.add(row.patient)
    told += [item for _, item in sorted(items, key=lambda each: each[0])]
    return told, people
