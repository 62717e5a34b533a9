"""`GET Task/$actions`, `POST Task/[id]/$chase`: a key contact tracks the actions of meetings to delivery (PCPC-043)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mdt_service.domain.meetings.meeting_action import chase_task
from mdt_service.meetings.acting_person import ActingPerson, acting_person
from mdt_service.meetings.agenda_rows import ActionRow, action_of, action_row, chases_of
from mdt_service.meetings.answers import action_shown, body_of, seen_of_person
from mdt_service.meetings.meeting_rights import now_of, sees_person, takes_part
from mdt_service.meetings.meeting_rows import meeting_row
from mdt_service.multidisciplinary_teams.team_rows import people_of_contact, teams_of_contact
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.body import encode
from tandem.fhir.operation_parameters import day_number_or_today, one_of, only, optional_day, page, short_text, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, numbered_day, parts, reference
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.ids import deterministic_id
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = ("open", "overdue", "closed", "any")
_WEEK = timedelta(days=7)


async def actions(call: OperationCall) -> FhirResponse:
    """`by` (the key contact, else the token's user), `state` (open), `as-of` (else today), `_count`, `_offset`.

    Every action of a meeting about the people whose key contact this is, or of a team in which this is the key contact,
    that the caller may see; each with who owns it, by when, and when it was chased. Raises FhirError 400, 403, 422.
    """
    only(call, ("by", "state", "as-of", "_count", "_offset"))
    wanted, as_of = one_of(call, "state", _STATES, "open"), day_number_or_today(call, "as-of")
    count, offset = page(call)
    async with call.kernel.database.read() as connection:
        contact = await _contact(call, connection)
        found = [each for each in await _tracked(call, connection, contact) if wanted in ("any", *_states(each, as_of))]
        shown = found[offset : offset + count]
        told = [await _told(connection, each, as_of) for each in shown]
    people: set[str | None] = {each.patient for each in shown}
    await audit_reads(call.kernel.database, call.request, "$actions", "Task", people, now_of(call))
    return answer([reference("key-contact", contact.reference), number("total", len(found)), *told])


async def chase(call: OperationCall) -> FhirResponse:
    """`by` (the key contact, else the token's user), `note`, `due` (else in a week): a Task to whoever owns the action.

    Once a day for one action. Raises FhirError 400, 403 for anybody but the key contact, 404, 422 for a closed action.
    """
    only(call, ("by", "note", "due"))
    assert call.id is not None, "declared on the instance"
    now, day = call.kernel.clock.now(), today(call)
    due = optional_day(call, "due") or day + _WEEK
    async with call.kernel.database.transaction() as connection:
        task, _ = await asked_resource(call, connection, lock=True)
        row = await action_row(connection, call.id)
        if row is None:
            text_ = "Chased is an action that came out of a meeting"
            raise FhirError(Kind.UNPROCESSABLE, text_, expression="Task.code")
        if not await sees_person(call, connection, row.patient):
            raise FhirError(Kind.NOT_FOUND, "There is no Task with this id that you may see")
        contact = await _contact(call, connection)
        if not await _tracks(call, connection, contact, row):
            text_ = "An action is chased by the key contact of the person, or of the team (003 §2.3 ex6)"
            raise FhirError(Kind.FORBIDDEN, text_, expression="by")
        if row.closed_day is not None:
            raise FhirError(Kind.BUSINESS_RULE, f"The action is closed ({row.status}): there is nothing to chase")
        if due < london_date(now):
            raise FhirError(Kind.BUSINESS_RULE, "due is today or later", expression="due")
        work = work_of(call, connection, now)
        identity = deterministic_id("chase-action", row.task, day.isoformat())
        words = short_text(call, "note") or f"To be done: {task.get('description') or 'an action'}"
        made = await work.read("Task", identity)
        if made is None:
            made = await work.put(chase_task(identity, task, contact.reference, words, due, now))
        await record(connection, [
            audit_entry(
                call.request, "$chase", to_micros(now), resource_type="Task", resource_id=call.id, patient=row.patient
            )
        ])  # fmt: skip
    return FhirResponse(200, encode(made))


async def _contact(call: OperationCall, connection: Connection) -> ActingPerson:
    contact = await acting_person(call, connection)
    if contact is None:
        text_ = "Give the parameter by: the key contact, a Reference to a PractitionerRole or a Practitioner"
        raise FhirError(Kind.BAD_REQUEST, text_, expression="by")
    return contact


async def _tracked(call: OperationCall, connection: Connection, contact: ActingPerson) -> list[ActionRow]:
    names = set(contact.names)
    people = await people_of_contact(connection, names, call.kernel.clock.now())
    teams = await teams_of_contact(connection, names)
    params: list[Any] = []
    seen, tracked = seen_of_person(call, "a", params), []
    for column, values in (("a.patient", people), ("m.team", teams)):
        if values:
            condition, added = among(connection.dialect, column, len(params) + 1, sorted(values))
            tracked.append(condition)
            params += added
    if not tracked:
        return []
    rows = await connection.fetch(
        "SELECT a.* FROM meeting_action a JOIN meeting m ON m.appointment = a.appointment"
        f" WHERE ({' OR '.join(tracked)}) AND (a.patient IS NULL OR {seen}) ORDER BY a.due_day, a.task", *params,
    )  # fmt: skip
    return [action_of(row) for row in rows]


async def _tracks(call: OperationCall, connection: Connection, contact: ActingPerson, row: ActionRow) -> bool:
    names = set(contact.names)
    if row.patient in await people_of_contact(connection, names, call.kernel.clock.now()):
        return True
    meeting = await meeting_row(connection, row.appointment)
    if meeting is None or not await takes_part(connection, call.request.caller, meeting, now_of(call)):
        return False
    return meeting.team in await teams_of_contact(connection, names)


def _states(action: ActionRow, as_of: int) -> tuple[str, ...]:
    if action.closed_day is not None and action.closed_day <= as_of:
        return ("closed",)
    return ("open", "overdue") if action.due_day < as_of else ("open",)


async def _told(connection: Connection, action: ActionRow, as_of: int) -> Parameter:
    shown = action_shown(action, await body_of(connection, action.task), as_of)
    shown["part"].append(reference("meeting", f"Appointment/{action.appointment}"))
    for row in await chases_of(connection, action.task):
        if row["day"] <= as_of:
            shown["part"].append(
                parts("chased", [reference("task", f"Task/{row['task']}"), numbered_day("day", row["day"])])
            )
    return shown
