"""What follows when a meeting or its series is written: rules that need tables, its row, and who reads it."""

from __future__ import annotations

from mdt_service.domain.meetings.agenda_item import ENDED, says
from mdt_service.domain.meetings.attendance import Attendee, present
from mdt_service.domain.meetings.codes import MDT_MEETING, NO_ACTION, SESSION, TEAM
from mdt_service.domain.meetings.meeting_resource import attended, kind_of_meeting, literal_of, series_named, team_named
from mdt_service.domain.meetings.meeting_transitions import HELD, OPEN, PLANNED, TAKES_TIME
from mdt_service.domain.multidisciplinary_teams.make_up import organisations_of
from mdt_service.meetings.agenda_rows import actions_of, items_of
from mdt_service.meetings.meeting_events import say_meeting
from mdt_service.meetings.meeting_rights import leads_team
from mdt_service.meetings.meeting_rows import (
    MeetingRow,
    SeriesRow,
    forget_meeting,
    forget_series,
    keep_meeting,
    keep_series,
    meeting_row,
    overlaps,
    series_row,
)
from mdt_service.multidisciplinary_teams.team_make_up import STAFF, organisations_in, staff_on
from mdt_service.multidisciplinary_teams.team_rows import TeamRow, team_row
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.derivation import hold
from tandem.identity.periods import bounds
from tandem.identity.sharing_by_name import share_by_name
from tandem.london_days import date_of, day_at, day_of, london_date
from tandem.service import Change, Work

_JUDGED = ("status", "start", "end", "participant", "serviceType", "extension")


async def keep_meeting_series(change: Change, work: Work) -> None:
    """Keep a series in step with its Schedule, which claims to be one by its kind and its team. Raises 403, 422."""
    schedule, former = change.after, await series_row(work.connection, change.id)
    if schedule is None or kind_of_meeting(schedule) != MDT_MEETING or team_named(schedule) is None:
        if former is not None:
            await forget_series(work.connection, change.id)
        return
    team = await _team(change, work, schedule, "Schedule")
    start = (schedule.get("planningHorizon") or {}).get("start")
    first = day_at(bounds(str(start))[0]) if start else day_of(work.now)
    owner = former.owner if former is not None else await _author(change, work)
    await keep_series(work.connection, SeriesRow(change.id, team.team, owner, first))
    codes = await organisations_in(work.connection, team, london_date(work.now))
    await share_by_name(work.connection, "Schedule", change.id, codes)


async def keep_meeting_of_appointment(change: Change, work: Work) -> None:
    """Keep a meeting in step with its Appointment, which claims to be one by its kind, and its team unless a session.

    Raises FhirError 403, 422, and nothing is written then.
    """
    former, meeting = await meeting_row(work.connection, change.id), change.after
    kind = kind_of_meeting(meeting)
    if meeting is None or kind is None or (kind != SESSION and team_named(meeting) is None):
        if former is not None:
            await forget_meeting(work.connection, change.id)
        return
    if change.before is not None and all(change.before.get(name) == meeting.get(name) for name in _JUDGED):
        return
    team = await _team(change, work, meeting, "Appointment") if team_named(meeting) is not None else None
    row = await _row(change, work, meeting, kind, team, former)
    await _refuse_faults(work, row, former)
    await keep_meeting(work.connection, row)
    await _share(work, row, team)
    await say_meeting(work, row, former)


async def _team(change: Change, work: Work, resource: Resource, element: str) -> TeamRow:
    here = f"{element}.extension.where(url='{TEAM}')"
    team = await team_row(work.connection, team_named(resource))
    if team is None:
        text = "The team is not known here yet: a CareTeam without subject, of category mdt or neighbourhood-team"
        raise FhirError(Kind.BUSINESS_RULE, text, expression=here)
    if change.before is None and not await leads_team(work.connection, change.caller, team, to_micros(work.now)):
        text = "The meetings of a team are planned by who made or manages it, or its network (000 §3.16 r4, §4.12 r4)"
        raise FhirError(Kind.FORBIDDEN, text, expression=here)
    return team


async def _author(change: Change, work: Work) -> str:
    """Who makes it: of an operation the organisation that called it, which the caller of its writes does not tell."""
    sql = "SELECT author FROM resource WHERE type = $1 AND id = $2"
    return str(await work.connection.fetchval(sql, change.type, change.id))


async def _row(
    change: Change, work: Work, meeting: Resource, kind: str, team: TeamRow | None, former: MeetingRow | None
) -> MeetingRow:
    starts, ends = (bounds(str(meeting[each]))[0] if meeting.get(each) else None for each in ("start", "end"))
    if starts is None or ends is None or ends <= starts:
        raise FhirError(Kind.BUSINESS_RULE, "A meeting has a start and a later end", expression="Appointment.end")
    day, quorum = day_at(starts), team.arrangement.quorum if team is not None else None
    attendees = [
        Attendee(
            await staff_on(work.connection, literal_of(each), date_of(day)), str(each.get("status")), attended(each)
        )
        for each in meeting.get("participant") or () if literal_of(each).startswith(STAFF)
    ]  # fmt: skip
    closed = former is not None and former.status == HELD
    return MeetingRow(
        change.id, kind, team.team if team is not None else None, series_named(meeting),
        former.owner if former is not None else await _author(change, work), starts, ends, day, str(meeting["status"]),
        former.quorum if closed and former is not None else quorum, tuple(attendees),
    )  # fmt: skip


async def _refuse_faults(work: Work, row: MeetingRow, former: MeetingRow | None) -> None:
    issues: list[Issue] = []
    if row.status in (*OPEN, HELD):
        issues += [
            Issue(f"{each.member.who} is not known here yet", "Appointment.participant.actor")
            for each in row.attendees if not each.member.known
        ]  # fmt: skip
    if row.status not in PLANNED and row.status in TAKES_TIME and row.starts > to_micros(work.now):
        issues.append(Issue("A meeting begins at its start or later, not before", "Appointment.status"))
    if row.team is not None and row.status in TAKES_TIME:
        # Two that are planned at the same moment: whoever is second sees the first.
        await hold(work.connection, [f"meeting/team/{row.team}"])
        if await overlaps(work.connection, row):
            issues.append(Issue("Another meeting of this team is at the same time", "Appointment.start"))
    if row.status == HELD and former is not None and former.status != HELD:
        issues += await _unfinished(work, row)
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


async def _unfinished(work: Work, row: MeetingRow) -> list[Issue]:
    """What stands against closing the record of a meeting."""
    issues = []
    if not present([*row.attendees]):
        text = "A meeting is held by somebody: record who was there before its record is closed (000 §3.16 r4)"
        issues.append(Issue(text, "Appointment.participant"))
    acted = {action.item for action in await actions_of(work.connection, row.appointment)}
    for item in await items_of(work.connection, row.appointment):
        if item.status not in ENDED:
            text = (
                f"Task/{item.task} is on the agenda and was neither discussed nor postponed: give it a decision, or"
                " postpone it with a reason (000 §4.12 r4)"
            )
            issues.append(Issue(text, "Appointment.status"))
        elif item.status == "completed" and item.task not in acted and not await _needs_none(work, item.task):
            text = (
                f"Task/{item.task} was discussed without an agreed action: add one with owner and date, or say in"
                " no-action why none is needed (000 §4.10 b3)"
            )
            issues.append(Issue(text, "Appointment.status"))
    return issues


async def _needs_none(work: Work, task: str) -> bool:
    item = await work.read("Task", task)
    return item is not None and says(item, NO_ACTION)


async def _share(work: Work, row: MeetingRow, team: TeamRow | None) -> None:
    codes = organisations_of([each.member for each in row.attendees])
    if team is not None:
        codes |= await organisations_in(work.connection, team, date_of(row.day))
    await share_by_name(work.connection, "Appointment", row.appointment, codes)

