"""Who is in a team on a day, as the directory knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from mdt_service.domain.multidisciplinary_teams.make_up import Member, organisations_of
from mdt_service.multidisciplinary_teams.team_rows import TeamRow, managers_of
from tandem.database.connection import Connection
from tandem.directory.queries import DirectoryOrganisation, organisation_named, staff_member
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of
from tandem.identity.references import resolve
from tandem.london_days import beginning_of, day_number
from tandem.nhs.staff_kinds import staff_kinds

STAFF = ("Practitioner/", "PractitionerRole/")


async def members_on(connection: Connection, team: TeamRow, day: date) -> list[Member]:
    """The members whose time in the team includes this day, in the order of the team."""
    number = day_number(day)
    present = [
        each for each in team.resource.get("participant") or ()
        if _holds(each, beginning_of(number), beginning_of(number + 1))
    ]  # fmt: skip
    return [member for each in present if (member := await _member(connection, each, day)) is not None]


async def staff_on(connection: Connection, who: str, day: date, roles: tuple[str, ...] = ()) -> Member:
    """One of the staff by reference; not `known` when the directory does not know them."""
    known = await staff_member(connection, who, day)
    if known is None:
        return Member(who, None, None, roles, frozenset(), frozenset(), frozenset(), known=False)
    employers = [role.organisation for role in known.roles if role.organisation is not None]
    kinds = frozenset(kind for role in known.roles for kind in staff_kinds(role.codes))
    return _member_of(who, known.practitioner, known.name, roles, kinds, employers)


def staff_of_team(team: TeamRow) -> list[str]:
    """The references of staff that a team names, each once."""
    members = [each.get("member") or {} for each in team.resource.get("participant") or ()]
    literals = (str(each.get("reference") or "") for each in members)
    return list(dict.fromkeys(each for each in literals if each.startswith(STAFF)))


async def organisations_in(connection: Connection, team: TeamRow, day: date) -> set[str]:
    """The codes of everybody that has to do with a team: its owner, its managers, its members' organisations."""
    members = await members_on(connection, team, day)
    return {team.owner} | await managers_of(connection, team) | organisations_of(members)


async def _member(connection: Connection, participant: dict[str, Any], day: date) -> Member | None:
    who = str((participant.get("member") or {}).get("reference") or "")
    roles = tuple(_words(participant.get("role") or ()))
    if who.startswith(STAFF):
        member = await staff_on(connection, who, day, roles)
        behalf = await _organisation(connection, participant.get("onBehalfOf"))
        # A Practitioner may work for several; here one of them counts.
        if behalf is None:
            return member
        return _member_of(who, member.person, member.name, roles, member.kinds, [behalf])
    organisation = await _organisation(connection, participant.get("member"))
    if organisation is None:
        return None
    return _member_of(organisation.code, None, organisation.name, roles, frozenset(), [organisation])


async def _organisation(connection: Connection, reference: Resource | None) -> DirectoryOrganisation | None:
    named = reference_code(reference)
    code = (await resolve(connection, [named]))[named] if named is not None else None
    return await organisation_named(connection, code) if code is not None else None


def _member_of(
    who: str, person: str | None, name: str | None, roles: tuple[str, ...], kinds: frozenset[str],
    employers: Iterable[DirectoryOrganisation],
) -> Member:  # fmt: skip
    found = list(employers)
    return Member(
        who, person, name, roles, kinds, frozenset(each.code for each in found), frozenset(each.kind for each in found)
    )


def _holds(participant: dict[str, Any], begins: int, ends: int) -> bool:
    starts, until = period_of(participant.get("period"))
    return starts < ends and until > begins


def _words(roles: Iterable[dict[str, Any]]) -> Iterable[str]:
    for role in roles:
        codings = role.get("coding") or ()
        words = role.get("text") or next((each.get("display") or each.get("code") for each in codings), None)
        if words:
            yield str(words)
