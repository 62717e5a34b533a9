"""The rows of the teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.canonical import CARE_TEAM_ROLE
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode, encode
from tandem.identity.organisations import reference_codes
from tandem.identity.references import resolve
from tandem.nhs.mdt_arrangement import Arrangement, arrangement_of

KEY_CONTACT = "key-contact"


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team: who wrote it (a code) and its CareTeam."""

    team: str
    owner: str
    resource: Resource

    @property
    def arrangement(self) -> Arrangement:
        """Its rhythm, its quorum, whom it looks after."""
        return arrangement_of(self.resource)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.resource.get("name") or f"CareTeam/{self.team}")

    @property
    def active(self) -> bool:
        """Whether it works; a CareTeam that does not say is taken to."""
        return str(self.resource.get("status", "active")) == "active"


async def keep_team(connection: Connection, team: str, owner: str, resource: Resource) -> None:
    """Keep what a CareTeam says now; whoever wrote it first stays its owner."""
    await connection.execute(
        "INSERT INTO mdt_team (team, owner, content) VALUES ($1, $2, $3)"
        " ON CONFLICT (team) DO UPDATE SET content = excluded.content", team, owner, encode(resource).decode(),
    )  # fmt: skip


async def forget_team(connection: Connection, team: str) -> None:
    """The CareTeam is no such team any more."""
    await connection.execute("DELETE FROM mdt_team WHERE team = $1", team)


async def team_row(connection: Connection, team: str | None) -> TeamRow | None:
    """The team of a CareTeam's id; None when it is not known here (yet)."""
    row = await connection.fetchrow("SELECT * FROM mdt_team WHERE team = $1", team)
    return TeamRow(row["team"], row["owner"], decode(row["content"].encode())) if row is not None else None


async def managers_of(connection: Connection, team: TeamRow) -> set[str]:
    """Who manages a team, by code: the organisations it names, else who wrote it."""
    named = reference_codes(team.resource.get("managingOrganization") or ())
    return {code for code in (await resolve(connection, named)).values() if code is not None} or {team.owner}


def key_contacts_in(team: Resource) -> list[dict[str, Any]]:
    """The participants of a CareTeam that have the role of key contact."""
    return [
        each for each in team.get("participant") or ()
        if any(
            coding.get("system") == CARE_TEAM_ROLE and coding.get("code") == KEY_CONTACT
            for role in each.get("role") or () for coding in role.get("coding") or ()
        )
    ]  # fmt: skip


async def people_of_contact(connection: Connection, names: set[str], at: datetime) -> set[str]:
    """Patient.id of everybody whose key contact goes by one of these references at a moment."""
    rows = await connection.fetch(
        f"SELECT DISTINCT patient FROM key_contact WHERE member IN ({_places(names)}) AND starts <= ${len(names) + 1}"
        f" AND ends > ${len(names) + 1}", *sorted(names), to_micros(at),
    )  # fmt: skip
    return {row["patient"] for row in rows}


async def teams_of_contact(connection: Connection, names: set[str]) -> set[str]:
    """The teams in which one of these references is the key contact."""
    rows = await connection.fetch("SELECT team, content FROM mdt_team")
    named = {row["team"]: key_contacts_in(decode(row["content"].encode())) for row in rows}
    return {
        team for team, contacts in named.items()
        if any((each.get("member") or {}).get("reference") in names for each in contacts)
    }  # fmt: skip


def _places(names: set[str]) -> str:
    return ", ".join(f"${place}" for place in range(1, len(names) + 1))
