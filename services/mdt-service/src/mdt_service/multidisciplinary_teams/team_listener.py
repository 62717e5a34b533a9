"""Keeping teams and key contacts in step with the CareTeams of careplan-service."""

from __future__ import annotations

from mdt_service.multidisciplinary_teams.team_make_up import organisations_in
from mdt_service.multidisciplinary_teams.team_rows import forget_team, keep_team, key_contacts_in, team_row
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.periods import overlap, period_of
from tandem.identity.sharing_by_name import share_by_name
from tandem.london_days import london_date
from tandem.nhs.mdt_arrangement import is_multidisciplinary
from tandem.service import Work

_ENDED = ("inactive", "entered-in-error", "proposed")


async def keep_care_team(event: Event, work: Work) -> None:
    """A CareTeam was written: keep the team, or who is the key contact of the person it is about."""
    team, identity = event.data, str(event.resource_id)
    await work.connection.execute("DELETE FROM key_contact WHERE team = $1", identity)
    if team is None or not is_multidisciplinary(team):
        await forget_team(work.connection, identity)
        if team is not None and event.patient is not None and event.granted:
            await _keep_contacts(work, identity, event.patient, team)
        return
    await keep_team(work.connection, identity, str(event.author), team)
    await _share_again(work, identity)


async def _keep_contacts(work: Work, identity: str, patient: str, team: Resource) -> None:
    if team.get("status") in _ENDED:
        return
    for each in key_contacts_in(team):
        who = str((each.get("member") or {}).get("reference") or "")
        starts, ends = overlap(period_of(team.get("period")), period_of(each.get("period")))
        await work.connection.execute(
            "INSERT INTO key_contact (team, member, patient, starts, ends) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (team, member) DO UPDATE SET starts = excluded.starts, ends = excluded.ends",
            identity, who, patient, starts, ends,
        )  # fmt: skip


async def _share_again(work: Work, identity: str) -> None:
    """Whoever joined the team reads its series from now on; meetings already planned go by whom they invite."""
    team = await team_row(work.connection, identity)
    assert team is not None, "it was kept just now"
    codes = await organisations_in(work.connection, team, london_date(work.now))
    rows = await work.connection.fetch("SELECT schedule FROM meeting_series WHERE team = $1", identity)
    for row in rows:
        await share_by_name(work.connection, "Schedule", row["schedule"], codes)
