"""`Appointment/[id]/$record`: who was there, what was said and decided of whom, and the actions; POST writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.meetings.agenda_item import contributions, plan_of
from mdt_service.domain.meetings.meeting_resource import learning_points, organisation_of, speaker_of
from mdt_service.meetings.agenda_rows import actions_of
from mdt_service.meetings.answers import action_shown, attendee_shown, body_of, meeting_shown, seen_items
from mdt_service.meetings.meeting_rights import meeting_asked, now_of
from mdt_service.meetings.record_parameters import posted
from mdt_service.meetings.recording import Recording
from mdt_service.multidisciplinary_teams.team_make_up import STAFF, staff_on
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_number_or_today, only
from tandem.fhir.parameters_answer import Parameter, answer, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import AuditEntry
from tandem.identity.audit import record as record_audit
from tandem.identity.memberships import kind_of_code
from tandem.identity.references import resolve
from tandem.london_days import date_of

if TYPE_CHECKING:
    from typing import Any

    from mdt_service.meetings.meeting_rows import MeetingRow
    from tandem.fhir.operation import OperationCall


async def meeting_record(call: OperationCall) -> FhirResponse:
    """GET: the record, with what is about people whom the caller may see; `as-of` a day for what is overdue.

    POST: `invite`, `attended`, `absent` (staff), `item` (`task`, `discussion`, `plan-review`, `support`, `decision`,
    `learning`, `no-action`, `postponed`, `by`), `action` (`item`, `what`, `owner`, `due`), `learning` (of the whole
    meeting, about nobody), `by`, `close`. Who leads the meeting records for all and closes; everybody else who takes
    part records their own staff's attendance, contributions and actions. Raises FhirError 400, 403, 404, 422; nothing
    is written then.
    """
    if call.request.method != "POST":
        only(call, ("as-of",))
        return await _answered(call, day_number_or_today(call, "as-of"))
    asked, now = posted(call), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        resource, meeting = await meeting_asked(call, connection, lock=True)
        recording = Recording(call, connection, resource, meeting, now)
        await recording.keep(asked)
        about: list[str | None] = [*sorted(recording.people)] or [None]
        await record_audit(connection, [_entry(call, patient) for patient in about])
    return await _answered(call, day_number_or_today(call, "as-of"))


def _entry(call: OperationCall, patient: str | None) -> AuditEntry:
    return audit_entry(
        call.request, "$record", now_of(call), resource_type="Appointment", resource_id=call.id, patient=patient
    )


async def _answered(call: OperationCall, as_of: int) -> FhirResponse:
    people: set[str | None] = set()
    async with call.kernel.database.read() as connection:
        resource, meeting = await meeting_asked(call, connection)
        told = [*meeting_shown(call, meeting, as_of), *map(attendee_shown, meeting.attendees)]
        told += [parts("learning", await _said(connection, each, meeting.day)) for each in learning_points(resource)]
        told += await _items(call, connection, meeting, as_of, people)
    await audit_reads(
        call.kernel.database, call.request, "$record", "Appointment", people, now_of(call), resource_id=call.id
    )
    return answer(told)


async def _items(
    call: OperationCall, connection: Connection, meeting: MeetingRow, as_of: int, people: set[str | None]
) -> list[Parameter]:
    told = []
    actions = await actions_of(connection, meeting.appointment)
    for row in await seen_items(call, connection, meeting.appointment):
        item = await body_of(connection, row.task)
        shown = [reference("task", f"Task/{row.task}"), text("status", row.status)]
        shown += [reference("patient", f"Patient/{row.patient}")] if row.patient else []
        plan = plan_of(item)
        shown += [reference("plan", f"CarePlan/{plan}")] if plan else []
        shown += [parts(kind, await _said(connection, each, meeting.day)) for kind, each in contributions(item)]
        if row.status == "cancelled" and (item.get("statusReason") or {}).get("text"):
            shown.append(text("postponed", str(item["statusReason"]["text"])))
        shown += [
            action_shown(each, await body_of(connection, each.task), as_of)
            for each in actions if each.item == row.task and each.patient is not None
        ]  # fmt: skip
        told.append(parts("item", shown))
        people.add(row.patient)
    # What is about nobody is for everybody who takes part.
    return told + [
        action_shown(each, await body_of(connection, each.task), as_of) for each in actions if each.patient is None
    ]


async def _said(connection: Connection, said: dict[str, Any], day: int) -> list[Parameter]:
    """Words, when, by whom, in which role and for which organisation."""
    told = [text("text", str(said.get("text") or ""))]
    told += [{"name": "time", "valueDateTime": said["time"]}] if said.get("time") else []
    who = speaker_of(said)
    told += [reference("by", who)] if who else []
    if who.startswith(STAFF):
        told += [text("role", each) for each in sorted((await staff_on(connection, who, date_of(day))).kinds)]
    organisation = organisation_of(said)
    code = (await resolve(connection, [organisation]))[organisation] if organisation is not None else None
    if code is not None:
        told += [text("organisation", code), text("organisation-kind", await kind_of_code(connection, code))]
    return told
