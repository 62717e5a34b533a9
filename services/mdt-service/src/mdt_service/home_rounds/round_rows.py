"""The rows of rounds, and how they are judged."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mdt_service.domain.home_rounds.policy import RoundPolicy, in_force
from mdt_service.domain.home_rounds.rhythm import HeldRound
from mdt_service.domain.home_rounds.round_transitions import HELD, TAKES_TIME
from mdt_service.domain.home_rounds.taking_part import TeamMember, counts, counts_as_gp_led
from mdt_service.home_rounds.policy_rows import policies
from mdt_service.home_rounds.series_rows import SeriesRow, areas_of
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.london_days import date_of


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round; times are microseconds, `leader` the Practitioner's id or the reference."""

    appointment: str
    schedule: str
    home: str
    starts: int
    ends: int
    day: int
    status: str
    mode: str
    team: tuple[TeamMember, ...]

    @property
    def leader(self) -> TeamMember | None:
        """Whoever leads it."""
        return next((each for each in self.team if each.leads), None)

    @property
    def present(self) -> tuple[TeamMember, ...]:
        """Who was there, of a round that was held."""
        return tuple(each for each in self.team if each.present)


@dataclass(frozen=True, slots=True)
class JudgedRound:
    """A round with the version of the policy that was in force on its day, and what follows from it."""

    row: RoundRow
    policy: RoundPolicy
    counts: bool
    gp_led: bool

    @property
    def as_held(self) -> HeldRound:
        """What the rhythm is worked out from."""
        return HeldRound(self.row.day, self.counts, self.counts and self.gp_led)


async def keep_round(connection: Connection, row: RoundRow) -> None:
    """Keep what an Appointment says now."""
    await forget_round(connection, row.appointment)
    await connection.execute(
        "INSERT INTO home_round (appointment, schedule, home, starts, ends, day, status, mode, leader, team)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.appointment, row.schedule, row.home, row.starts, row.ends, row.day, row.status, row.mode,
        leader_key(row.leader), json.dumps([_told(each) for each in row.team]),
    )  # fmt: skip


async def forget_round(connection: Connection, appointment: str) -> None:
    """The Appointment is no round any more."""
    await connection.execute("DELETE FROM home_round WHERE appointment = $1", appointment)


async def round_row(connection: Connection, appointment: str | None) -> RoundRow | None:
    """The round of an Appointment's id."""
    row = await connection.fetchrow("SELECT * FROM home_round WHERE appointment = $1", appointment)
    return _read(row) if row is not None else None


async def rounds_of(connection: Connection, schedule: str) -> list[RoundRow]:
    """Every round of a series, in order of time."""
    rows = await connection.fetch("SELECT * FROM home_round WHERE schedule = $1 ORDER BY starts, appointment", schedule)
    return [_read(row) for row in rows]


async def overlapping(connection: Connection, row: RoundRow, homes: Sequence[str]) -> tuple[list[str], bool]:
    """Who keeps the series of other rounds in the home at that time (codes), and whether the leader leads another."""
    taken, states = among(connection.dialect, "r.status", 4, TAKES_TIME)
    at_once = f"r.appointment <> $1 AND r.starts < $3 AND r.ends > $2 AND {taken}"
    known = [row.appointment, row.starts, row.ends, *states]
    same_home, names = among(connection.dialect, "r.home", len(known) + 1, homes)
    keepers = await connection.fetch(
        "SELECT DISTINCT s.owner FROM home_round r JOIN round_series s ON s.schedule = r.schedule"
        f" WHERE {at_once} AND {same_home} ORDER BY s.owner", *known, *names,
    )  # fmt: skip
    leader = await connection.fetchval(
        f"SELECT 1 FROM home_round r WHERE {at_once} AND r.leader = ${len(known) + 1} LIMIT 1",
        *known, leader_key(row.leader),
    )  # fmt: skip
    return [each["owner"] for each in keepers], leader is not None


async def judged(
    connection: Connection, series: SeriesRow, at: int, statuses: Collection[str] = (HELD,)
) -> list[JudgedRound]:
    """The rounds of a series in these states, each judged by the policy of its day; `at` is now, in microseconds."""
    known, areas = await policies(connection), await areas_of(connection, series, at)
    found = []
    for row in await rounds_of(connection, series.schedule):
        if row.status in statuses:
            policy = in_force(known, areas, date_of(row.day))
            gp_led = counts_as_gp_led(row.leader, policy, series.parts, row.day)
            found.append(JudgedRound(row, policy, counts(row.mode, policy), gp_led))
    return found


def leader_key(leader: TeamMember | None) -> str | None:
    """By what a leader is told from others: one person may have several roles."""
    return (leader.person or leader.who) if leader is not None else None


def _told(member: TeamMember) -> dict[str, object]:
    return {
        "who": member.who, "person": member.person, "kinds": sorted(member.kinds), "leads": member.leads,
        "organisations": sorted(member.organisations), "organisation_kinds": sorted(member.organisation_kinds),
        "present": member.present,
    }  # fmt: skip


def _read(row: Row) -> RoundRow:
    team = tuple(
        TeamMember(
            each["who"], each["person"], frozenset(each["kinds"]), frozenset(each["organisations"]),
            frozenset(each["organisation_kinds"]), each["leads"], each["present"],
        )
        for each in json.loads(row["team"])
    )  # fmt: skip
    return RoundRow(
        row["appointment"], row["schedule"], row["home"], row["starts"], row["ends"], row["day"], row["status"],
        row["mode"], team,
    )  # fmt: skip
