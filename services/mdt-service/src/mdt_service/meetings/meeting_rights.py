"""Who may do what at a meeting: those who lead it, and those who take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.multidisciplinary_teams.make_up import organisations_of
from mdt_service.meetings.meeting_rows import MeetingRow, SeriesRow, meeting_row, series_row
from mdt_service.multidisciplinary_teams.team_make_up import organisations_in
from mdt_service.multidisciplinary_teams.team_rows import TeamRow, managers_of, team_row
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.access import has_access
from tandem.identity.caller import Caller
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def leads_team(connection: Connection, caller: Caller, team: TeamRow, at: int) -> bool:
    """Whether an organisation plans the meetings of a team: who made or manages it, or a network of theirs."""
    if caller.sees_all:
        return True
    return await _is_or_heads(connection, caller.organisation, {team.owner} | await managers_of(connection, team), at)


async def leads_meeting(connection: Connection, caller: Caller, meeting: MeetingRow, at: int) -> bool:
    """Whether an organisation keeps the record of a meeting for everybody: who made it, or who leads its team."""
    if caller.sees_all or await _is_or_heads(connection, caller.organisation, {meeting.owner}, at):
        return True
    team = await team_row(connection, meeting.team)
    return team is not None and await leads_team(connection, caller, team, at)


async def takes_part(connection: Connection, caller: Caller, meeting: MeetingRow, at: int) -> bool:
    """Whether an organisation leads a meeting, is in its team, or somebody of it is invited."""
    parties = organisations_of([each.member for each in meeting.attendees])
    team = await team_row(connection, meeting.team)
    if team is not None:
        parties |= await organisations_in(connection, team, date_of(meeting.day))
    return caller.organisation in parties or await leads_meeting(connection, caller, meeting, at)


async def meeting_asked(
    call: OperationCall, connection: Connection, *, lock: bool = False
) -> tuple[Resource, MeetingRow]:
    """The meeting that an operation is called on, if the caller may see it. Raises FhirError 404, 422."""
    assert call.id is not None, "declared on the instance"
    meeting, _ = await asked_resource(call, connection, lock=lock)
    row = await meeting_row(connection, call.id)
    if row is None:
        text = "This is no meeting: an Appointment whose serviceType is mdt-meeting (with its team) or a session"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="Appointment.serviceType")
    return meeting, row


async def series_asked(call: OperationCall, connection: Connection) -> tuple[SeriesRow, TeamRow]:
    """The series that an operation is called on, with its team, if the caller may see it. Raises FhirError 404, 422."""
    assert call.id is not None, "declared on the instance"
    await asked_resource(call, connection)
    series = await series_row(connection, call.id)
    team = await team_row(connection, series.team) if series is not None else None
    if series is None or team is None:
        text = "This is no series of meetings: a Schedule of that kind, with its team"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="Schedule.serviceType")
    return series, team


async def sees_person(call: OperationCall, connection: Connection, patient: str | None) -> bool:
    """Whether the caller may see Tasks about somebody; also true of nobody. Having sent one is not enough."""
    return patient is None or await has_access(
        connection, call.request.caller, patient, now_of(call), resource_type="Task",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip


def now_of(call: OperationCall) -> int:
    """The present moment in microseconds."""
    return to_micros(call.kernel.clock.now())


async def _is_or_heads(connection: Connection, organisation: str, codes: set[str], at: int) -> bool:
    if organisation in codes:
        return True
    rows = await connection.fetch(
        "SELECT m.member FROM membership m JOIN organisation o ON o.code = m.holder WHERE m.holder = $1"
        " AND m.starts <= $2 AND m.ends > $2 AND o.kind = $3 AND o.active = 1", organisation, at, NETWORK,
    )  # fmt: skip
    return any(row["member"] in codes for row in rows)
