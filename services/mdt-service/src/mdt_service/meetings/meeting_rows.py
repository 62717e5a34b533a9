"""The rows of meetings and of their series."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from mdt_service.domain.meetings.attendance import Attendee
from mdt_service.domain.meetings.meeting_transitions import HELD, TAKES_TIME
from mdt_service.domain.multidisciplinary_teams.make_up import Member
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.london_days import date_of


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """The meetings of a team: who keeps them (code), and the number of the day on which they begin."""

    schedule: str
    team: str
    owner: str
    first_day: int


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting; times in microseconds. `team` and `schedule` are None for one of no team."""

    appointment: str
    kind: str
    team: str | None
    schedule: str | None
    owner: str
    starts: int
    ends: int
    day: int
    status: str
    quorum: int | None
    attendees: tuple[Attendee, ...]

    def attendee(self, who: str) -> Attendee | None:
        """The one of this reference; None when nobody of it is invited."""
        return next((each for each in self.attendees if each.member.who == who), None)


async def keep_series(connection: Connection, row: SeriesRow) -> None:
    """Keep what a Schedule says now; whoever made it stays its owner."""
    await connection.execute(
        "INSERT INTO meeting_series (schedule, team, owner, first_day) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (schedule) DO UPDATE SET team = excluded.team, first_day = excluded.first_day",
        row.schedule, row.team, row.owner, row.first_day,
    )  # fmt: skip


async def forget_series(connection: Connection, schedule: str) -> None:
    """The Schedule is no series any more."""
    await connection.execute("DELETE FROM meeting_series WHERE schedule = $1", schedule)


async def series_row(connection: Connection, schedule: str | None) -> SeriesRow | None:
    """The series of a Schedule's id."""
    row = await connection.fetchrow("SELECT * FROM meeting_series WHERE schedule = $1", schedule)
    return SeriesRow(row["schedule"], row["team"], row["owner"], row["first_day"]) if row is not None else None


async def keep_meeting(connection: Connection, row: MeetingRow) -> None:
    """Keep what an Appointment says now; whoever made it stays its owner."""
    await connection.execute(
        "INSERT INTO meeting (appointment, kind, team, schedule, owner, starts, ends, day, status, quorum, attendees)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (appointment) DO UPDATE SET"
        " kind = excluded.kind, team = excluded.team, schedule = excluded.schedule, starts = excluded.starts,"
        " ends = excluded.ends, day = excluded.day, status = excluded.status, quorum = excluded.quorum,"
        " attendees = excluded.attendees",
        row.appointment, row.kind, row.team, row.schedule, row.owner, row.starts, row.ends, row.day, row.status,
        row.quorum, json.dumps([_told(each) for each in row.attendees]),
    )  # fmt: skip


async def forget_meeting(connection: Connection, appointment: str) -> None:
    """The Appointment is no meeting any more."""
    await connection.execute("DELETE FROM meeting WHERE appointment = $1", appointment)


async def meeting_row(connection: Connection, appointment: str | None) -> MeetingRow | None:
    """The meeting of an Appointment's id."""
    row = await connection.fetchrow("SELECT * FROM meeting WHERE appointment = $1", appointment)
    return _read(row) if row is not None else None


async def meetings_of_team(connection: Connection, team: str) -> list[MeetingRow]:
    """Every meeting of a team, in order of time."""
    rows = await connection.fetch("SELECT * FROM meeting WHERE team = $1 ORDER BY starts, appointment", team)
    return [_read(row) for row in rows]


async def overlaps(connection: Connection, row: MeetingRow) -> bool:
    """Whether another meeting of the team takes the same time."""
    taken, states = among(connection.dialect, "status", 5, TAKES_TIME)
    found = await connection.fetchval(
        "SELECT 1 FROM meeting WHERE team = $1 AND appointment <> $2 AND starts < $3 AND ends > $4"
        f" AND {taken} LIMIT 1",
        row.team, row.appointment, row.ends, row.starts, *states,
    )  # fmt: skip
    return found is not None


def last_held(meetings: list[MeetingRow], as_of: int) -> date | None:
    """The last day up to this one (a number) on which a meeting was held."""
    return max((date_of(each.day) for each in meetings if each.status == HELD and each.day <= as_of), default=None)


def _told(attendee: Attendee) -> dict[str, object]:
    member = attendee.member
    return {
        "who": member.who, "person": member.person, "name": member.name, "roles": member.roles,
        "kinds": sorted(member.kinds), "organisations": sorted(member.organisations),
        "organisation_kinds": sorted(member.organisation_kinds), "known": member.known, "status": attendee.status,
        "attended": attendee.attended,
    }  # fmt: skip


def _read(row: Row) -> MeetingRow:
    attendees = tuple(
        Attendee(
            Member(
                each["who"], each["person"], each["name"], tuple(each["roles"]), frozenset(each["kinds"]),
                frozenset(each["organisations"]), frozenset(each["organisation_kinds"]), each["known"],
            ),
            each["status"], each["attended"],
        )
        for each in json.loads(row["attendees"])
    )  # fmt: skip
    return MeetingRow(
        row["appointment"], row["kind"], row["team"], row["schedule"], row["owner"], row["starts"], row["ends"],
        row["day"], row["status"], row["quorum"], attendees,
    )  # fmt: skip
