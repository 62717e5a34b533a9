"""Who knows a person: the roles of their CareTeams, which careplan-service keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.canonical import CARE_TEAM_CATEGORY, CARE_TEAM_ROLE
from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.events.event import Event
from tandem.identity.periods import BEGINNING, FOREVER, bounds
from tandem.london_days import date_of, day_at
from tandem.service import Work

_MDT = "mdt"
_OVER = ("inactive", "entered-in-error", "proposed", "suspended")


async def keep_care_team(event: Event, work: Work) -> None:
    """Keep who has which role in the team of a person, from when until when."""
    await work.connection.execute("DELETE FROM care_team_member WHERE team = $1", event.resource_id)
    team = event.data
    if team is None or event.patient is None or not event.granted or team.get("status") in _OVER:
        return
    for role, member, period in sorted(_members(team)):
        await work.connection.execute(
            "INSERT INTO care_team_member (team, role, member, patient, starts, ends) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (team, role, member) DO UPDATE SET ends = excluded.ends",
            event.resource_id, role, member, event.patient, *period,
        )  # fmt: skip


def _members(team: dict[str, Any]) -> Iterator[tuple[str, str, tuple[int, int]]]:
    for participant in team.get("participant") or ():
        member = str((participant.get("member") or {}).get("reference") or "")
        for concept in participant.get("role") or ():
            for coding in concept.get("coding") or ():
                if coding.get("system") == CARE_TEAM_ROLE and coding.get("code") and member:
                    yield str(coding["code"]), member, _span(participant.get("period") or {})
    categories = [each for concept in team.get("category") or () for each in concept.get("coding") or ()]
    if any((each.get("system"), each.get("code")) == (CARE_TEAM_CATEGORY, _MDT) for each in categories):
        yield _MDT, f"CareTeam/{team['id']}", (BEGINNING, FOREVER)


def _span(period: dict[str, Any]) -> tuple[int, int]:
    start, end = period.get("start"), period.get("end")
    return bounds(str(start))[0] if start else BEGINNING, bounds(str(end))[1] if end else FOREVER


async def who_knows(connection: Connection, patient: str, roles: tuple[str, ...], at: int) -> set[str]:
    """References of those who have one of the roles for a person at a moment, as role and as practitioner."""
    rows = await connection.fetch(
        "SELECT role, member FROM care_team_member WHERE patient = $1 AND starts <= $2 AND ends > $2", patient, at
    )
    found: set[str] = set()
    for row in rows:
        if row["role"] not in roles:
            continue
        found.add(row["member"])
        known = await staff_member(connection, row["member"], date_of(day_at(at)))
        if known is not None:
            found |= {f"PractitionerRole/{role.id}" for role in known.roles}
            found |= {f"Practitioner/{known.practitioner}"} if known.practitioner is not None else set()
    return found
