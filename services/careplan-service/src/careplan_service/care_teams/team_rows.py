"""Who has which role around a person, as rows: kept from every CareTeam, asked by checks and worklists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from careplan_service.domain.care_teams.roles import RoleHeld, roles_held
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.fhir.body import Resource, decode, encode
from tandem.service import Change, Work


async def keep_roles(change: Change, work: Work) -> None:
    """Keep the roles of a team about a person while it is active, and forget those it had."""
    await work.connection.execute("DELETE FROM care_team_role WHERE team = $1", change.id)
    team = change.after
    if team is None or change.patient is None or team.get("status") != "active":
        return
    await work.connection.executemany(
        "INSERT INTO care_team_role (team, place, patient, role, member, on_behalf_of, starts, ends)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (
                change.id, number, change.patient, each.role, encode(each.member).decode(),
                encode(each.on_behalf_of).decode() if each.on_behalf_of else None, *each.span,
            )
            for number, each in enumerate(roles_held(team))
        ],
    )  # fmt: skip


async def roles_of_person(connection: Connection, patient: str) -> list[RoleHeld]:
    """Every role in the active teams of a person, whatever its period."""
    return (await roles_of_people(connection, [patient])).get(patient, [])


async def roles_of_people(connection: Connection, patients: Sequence[str]) -> dict[str, list[RoleHeld]]:
    """The same for many people (Patient.id); who has no team is left out."""
    found: dict[str, list[RoleHeld]] = {}
    if patients:
        condition, params = among(connection.dialect, "patient", 1, list(patients))
        sql = f"SELECT * FROM care_team_role WHERE {condition} ORDER BY patient, team, place"
        for row in await connection.fetch(sql, *params):
            found.setdefault(row["patient"], []).append(_held(row))
    return found


async def roles_of_other_teams(connection: Connection, patient: str, team: str) -> list[RoleHeld]:
    """Those of the person's other active teams."""
    return [each for each in await roles_of_person(connection, patient) if each.team != team]


async def role_handed_over(connection: Connection, team: Resource) -> str | None:
    """The role that this version of the team hands over, if the operation made it."""
    version = int(team["meta"]["versionId"])
    sql = "SELECT role FROM care_team_hand_over WHERE team = $1 AND version = $2"
    role: str | None = await connection.fetchval(sql, team["id"], version)
    return role


def references_of(held: Iterable[RoleHeld]) -> set[str]:
    """The literal references of members."""
    return {str(each.member["reference"]) for each in held if each.member.get("reference")}


def _held(row: Row) -> RoleHeld:
    behalf = decode(row["on_behalf_of"].encode()) if row["on_behalf_of"] else None
    member = decode(row["member"].encode())
    return RoleHeld(row["team"], row["place"], row["role"], member, behalf, (row["starts"], row["ends"]))
