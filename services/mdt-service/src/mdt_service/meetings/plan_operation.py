"""`POST Schedule/$plan-meetings`: the meetings of a team, planned in its rhythm (AC-040)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mdt_service.domain.meetings.codes import MDT_MEETING
from mdt_service.domain.meetings.meeting_resource import meeting_resource, series_resource
from mdt_service.domain.meetings.rhythm import MOST, occurrences
from mdt_service.meetings.answers import minutes_asked, moment_asked
from mdt_service.meetings.meeting_rights import leads_team
from mdt_service.multidisciplinary_teams.team_make_up import staff_of_team
from mdt_service.multidisciplinary_teams.team_rows import TeamRow, team_row
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, optional_day
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts, reference
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def plan_meetings(call: OperationCall) -> FhirResponse:
    """`team` (a CareTeam), `start` (dateTime of the first), `until` (last day; without it one), `minutes` (60).

    Its series is carried on, or made. A meeting that is planned already at a time stays as it is. Everybody of the
    staff whom the team names is invited. Answers the Schedule and the meetings. Raises FhirError 400, 403 for anybody
    but who leads the team, 422 for an unknown team, one without a cadence, and meetings that overlap; then nothing is
    planned.
    """
    only(call, ("team", "start", "until", "minutes"))
    start, minutes, now = moment_asked(call, "start"), minutes_asked(call), call.kernel.clock.now()
    named = literal_given(call.one("team"), "team", ("CareTeam",)).removeprefix("CareTeam/")
    async with call.kernel.database.transaction() as connection:
        team = await team_row(connection, named)
        if team is None:
            text = "The team is not known here yet: a CareTeam without subject, of category mdt or neighbourhood-team"
            raise FhirError(Kind.UNPROCESSABLE, text, expression="team")
        if not await leads_team(connection, call.request.caller, team, to_micros(now)):
            text = "The meetings of a team are planned by who made or manages it, or its network (000 §3.16 r4)"
            raise FhirError(Kind.FORBIDDEN, text, expression="team")
        times = _times(call, team, start)
        await hold(connection, [f"meeting/team/{team.team}"])
        work = work_of(call, connection, now)
        schedule = await _series(work, team, start)
        told: list[Parameter] = [reference("schedule", f"Schedule/{schedule}")]
        for at in times:
            told.append(await _meeting(work, team, schedule, at, minutes))
        request, written = call.request, to_micros(now)
        entry = audit_entry(request, "$plan-meetings", written, resource_type="Schedule", resource_id=schedule)
        await record(connection, [entry])
    return answer(told)


def _times(call: OperationCall, team: TeamRow, start: datetime) -> list[datetime]:
    until, cadence = optional_day(call, "until"), team.arrangement.cadence
    if until is None:
        return [start]
    if cadence is None:
        text = "The team says nothing of its rhythm: give its CareTeam a cadence, or leave out until"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="until")
    times = occurrences(start, cadence, until)
    if not 1 <= len(times) <= MOST:
        raise FhirError(Kind.BAD_REQUEST, f"until leaves room for 1 to {MOST} meetings", expression="until")
    return times


async def _series(work: Work, team: TeamRow, start: datetime) -> str:
    held = await work.connection.fetchval(
        "SELECT schedule FROM meeting_series WHERE team = $1 ORDER BY schedule LIMIT 1", team.team
    )
    if held is not None:
        return str(held)
    identity = deterministic_id("meeting-series", team.team)
    first = london_date(start).isoformat()
    await work.put(series_resource(identity, team.team, team.name, staff_of_team(team), first))
    return identity


async def _meeting(work: Work, team: TeamRow, schedule: str, at: datetime, minutes: int) -> Parameter:
    identity = deterministic_id("meeting", schedule, str(to_micros(at)))
    held = await work.read("Appointment", identity)
    if held is None:
        invited = staff_of_team(team)
        held = await work.put(meeting_resource(identity, MDT_MEETING, at, minutes, invited, team.team, schedule))
    start = {"name": "start", "valueDateTime": held["start"]}
    return parts("meeting", [reference("appointment", f"Appointment/{identity}"), start])
