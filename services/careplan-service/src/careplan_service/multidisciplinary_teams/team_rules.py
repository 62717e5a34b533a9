"""What a multidisciplinary team must say of itself, and who may manage it (PCN-066, EHCH-024)."""

from __future__ import annotations

from collections.abc import Iterator

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.organisations import NETWORK, PRACTICE, reference_code
from tandem.identity.references import resolve
from tandem.local_agreements.handlers import MDT_AGREEMENT
from tandem.local_agreements.queries import agreement_between
from tandem.london_days import london_date
from tandem.nhs.mdt_arrangement import arrangement_faults, is_multidisciplinary
from tandem.service import Change, Work

_OF_PRIMARY_CARE = (PRACTICE, NETWORK)


def team_is_whole(change: Change) -> Iterator[Issue]:
    """A multidisciplinary team names its members, and what it says of its rhythm and quorum can be read."""
    team = change.after
    if team is None or not is_multidisciplinary(team):
        return
    yield from arrangement_faults(team)
    if not team.get("participant"):
        yield Issue("A multidisciplinary team names its members (002 clarify b5.3)", "CareTeam.participant")


async def managed_by_agreement(change: Change, work: Work) -> None:
    """A provider that is newly named as managing organisation has agreed so locally (000 §3.16 r4, community).

    The network, or a practice, establishes and manages a team without that. Raises FhirError 422.
    """
    team = change.after
    if team is None or not is_multidisciplinary(team):
        return
    before = _managers(change.before) if is_multidisciplinary(change.before) else set()
    newly = sorted(_managers(team) - before)
    others = await _around(work, team, change.caller.organisation) if newly else set()
    issues = [issue for each in newly if (issue := await _unagreed(work, each, others)) is not None]
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


async def _unagreed(work: Work, named: str, others: set[str]) -> Issue | None:
    code = (await resolve(work.connection, [named]))[named]
    if code is None:
        return Issue("The managing organisation is not known here yet", "CareTeam.managingOrganization")
    organisation = await organisation_named(work.connection, code)
    if organisation is not None and organisation.kind in _OF_PRIMARY_CARE:
        return None
    at = to_micros(work.now)
    if await agreement_between(work.connection, MDT_AGREEMENT, code, others - {code}, at) is not None:
        return None
    text = (
        "A provider manages a multidisciplinary team if that is agreed locally (000 §3.16 r4, community): record the"
        " agreement first, an OrganizationAffiliation of code mdt-agreement between it and the network or a practice"
        " of the team, signed by both and in force today"
    )
    return Issue(text, "CareTeam.managingOrganization")


def _managers(team: Resource | None) -> set[str]:
    named = (reference_code(each) for each in (team or {}).get("managingOrganization") or ())
    return {each for each in named if each is not None}


async def _around(work: Work, team: Resource, writer: str) -> set[str]:
    """Who writes the team, the organisations of its members, and their networks: with one of them it is agreed."""
    found, today = {writer}, london_date(work.now)
    for participant in team.get("participant") or ():
        for reference in (participant.get("member"), participant.get("onBehalfOf")):
            named = reference_code(reference)
            if named is not None:
                found |= {code for code in (await resolve(work.connection, [named])).values() if code is not None}
        member = await staff_member(
            work.connection, str((participant.get("member") or {}).get("reference") or ""), today
        )
        roles = member.roles if member is not None else ()
        found |= {role.organisation.code for role in roles if role.organisation is not None}
    return found | await _networks_of(work.connection, found, to_micros(work.now))


async def _networks_of(connection: Connection, codes: set[str], at: int) -> set[str]:
    networks: set[str] = set()
    for code in sorted(codes):
        rows = await connection.fetch(
            "SELECT DISTINCT m.holder FROM membership m JOIN organisation o ON o.code = m.holder WHERE m.member = $1"
            " AND m.starts <= $2 AND m.ends > $2 AND o.kind = $3 AND o.active = 1", code, at, NETWORK,
        )  # fmt: skip
        networks |= {row["holder"] for row in rows}
    return networks
