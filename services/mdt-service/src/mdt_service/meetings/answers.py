"""What operations on meetings ask and show alike."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mdt_service.domain.meetings import rhythm
from mdt_service.domain.meetings.attendance import Attendee, below_quorum, present
from mdt_service.domain.meetings.meeting_transitions import PLANNED
from mdt_service.domain.multidisciplinary_teams.make_up import Member, missing, of_one_organisation
from mdt_service.meetings.agenda_rows import ActionRow, ItemRow
from mdt_service.meetings.meeting_rights import now_of
from mdt_service.meetings.meeting_rows import MeetingRow
from mdt_service.multidisciplinary_teams.shipped_expectations import expectations_on
from tandem.clock import LONDON, from_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_parameters import day_number_or_today, optional_text, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, number, numbered_day, parts, reference, text, yes
from tandem.fhir.store import load
from tandem.identity.access import visible_of_person
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


def moment_asked(call: OperationCall, name: str) -> datetime:
    """A time with its offset. Raises FhirError 400."""
    try:
        found: datetime | None = datetime.fromisoformat(optional_text(call, name) or "")
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 9990:
        wanted = f"{name} is a time with its offset, such as 2020-10-07T10:00+01:00"
        raise FhirError(Kind.BAD_REQUEST, wanted, expression=name)
    return found


def minutes_asked(call: OperationCall) -> int:
    """`minutes`, 60 unless given. Raises FhirError 400."""
    minutes = whole_number(call, "minutes", 60)
    if not 1 <= minutes <= 720:
        raise FhirError(Kind.BAD_REQUEST, "minutes is a whole number from 1 to 720", expression="minutes")
    return minutes


def state_of(call: OperationCall, meeting: MeetingRow, as_of: int | None = None) -> str:
    """What a meeting is on a day (a number), today unless given."""
    day = as_of if as_of is not None else day_number_or_today(call, "as-of")
    return rhythm.state(meeting.status, meeting.day, meeting.ends, day, now_of(call))


def meeting_shown(call: OperationCall, meeting: MeetingRow, as_of: int | None = None) -> list[Parameter]:
    """When it is, what became of it, and whether enough were there."""
    told = [
        reference("appointment", f"Appointment/{meeting.appointment}"), text("kind", meeting.kind),
        {"name": "start", "valueDateTime": from_micros(meeting.starts).astimezone(LONDON).isoformat()},
        text("state", state_of(call, meeting, as_of)), number("invited", len(meeting.attendees)),
    ]  # fmt: skip
    if meeting.quorum is not None:
        told.append(number("quorum", meeting.quorum))
    if meeting.status not in PLANNED:
        there = present(meeting.attendees)
        told += [
            number("attended", len(there)), yes("below-quorum", below_quorum(meeting.attendees, meeting.quorum)),
            yes("single-organisation", of_one_organisation(there)), *sectors_missing(there, meeting.day),
        ]  # fmt: skip
    return told


def sectors_missing(members: Collection[Member], day: int) -> list[Parameter]:
    """A `missing-sector` for each that no member is of."""
    expected = expectations_on(date_of(day)).sectors
    return [text("missing-sector", each.name) for each in missing(expected, members)]


def member_shown(member: Member) -> list[Parameter]:
    """Who it is, what they do, and for whom."""
    told = [reference("who", member.who) if "/" in member.who else text("who", member.who), yes("known", member.known)]
    told += [text("name", member.name)] if member.name else []
    told += [text("role", each) for each in member.roles]
    told += [text("kind", each) for each in sorted(member.kinds)]
    told += [text("organisation", each) for each in sorted(member.organisations)]
    return told + [text("organisation-kind", each) for each in sorted(member.organisation_kinds)]


def attendee_shown(attendee: Attendee) -> Parameter:
    """Somebody invited, and whether they were there."""
    told = [*member_shown(attendee.member), text("status", attendee.status), yes("attended", attendee.attended)]
    return parts("attendee", told)


def action_shown(action: ActionRow, task: Resource, as_of: int) -> Parameter:
    """An action: who does what by when, and what became of it."""
    late = action.closed_day is None and action.due_day < as_of
    told = [
        reference("task", f"Task/{action.task}"), text("what", str(task.get("description") or "")),
        text("owner", action.owner), numbered_day("due", action.due_day), text("status", action.status),
        yes("overdue", late),
    ]  # fmt: skip
    told += [reference("patient", f"Patient/{action.patient}")] if action.patient else []
    recipients = (task.get("restriction") or {}).get("recipient") or ()
    told += [reference("by", str(each["reference"])) for each in recipients if each.get("reference")]
    outputs = task.get("output") or ()
    told += [text("outcome", str(each["valueString"])) for each in outputs if each.get("valueString")]
    told += [numbered_day("closed", action.closed_day)] if action.closed_day is not None else []
    return parts("action", told)


async def seen_items(call: OperationCall, connection: Connection, appointment: str) -> list[ItemRow]:
    """The items of a meeting that are about nobody, or about somebody whom the caller may see."""
    params: list[Any] = [appointment]
    seen = seen_of_person(call, "i", params)
    rows = await connection.fetch(
        "SELECT i.task, i.appointment, i.patient, i.status FROM agenda_item i WHERE i.appointment = $1"
        f" AND (i.patient IS NULL OR {seen}) ORDER BY i.task", *params,
    )  # fmt: skip
    return [ItemRow(row["task"], row["appointment"], row["patient"], row["status"]) for row in rows]


def seen_of_person(call: OperationCall, alias: str, params: list[Any]) -> str:
    """An SQL condition: whether the caller may see Tasks about the person of a row."""
    return visible_of_person(
        call.request.caller, alias, params, now_of(call), resource_type="Task",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip


async def body_of(connection: Connection, task: str) -> Resource:
    """The Task of a row of ours."""
    held = await load(connection, "Task", task)
    assert held is not None and held.body is not None, "its row says that it is there"
    resource: Resource = decode(held.body)
    return resource
