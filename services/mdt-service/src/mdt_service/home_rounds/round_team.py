"""Who takes part in a round, as the directory knows them on its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mdt_service.domain.home_rounds.round_resource import leads, staff_of
from mdt_service.domain.home_rounds.round_transitions import HELD
from mdt_service.domain.home_rounds.taking_part import TeamMember
from tandem.database.connection import Connection
from tandem.directory.queries import staff_member
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.nhs.staff_kinds import staff_kinds


async def team_of(connection: Connection, round_: Resource, day: date) -> tuple[tuple[TeamMember, ...], list[Issue]]:
    """The team, and an issue for everybody who is not known here (yet)."""
    team, issues = [], []
    for who, participant in staff_of(round_):
        present = round_.get("status") == HELD and participant.get("status") == "accepted"
        member = await member_named(connection, who, day, leading=leads(participant), present=present)
        if member is None:
            text = f"{who} is not known here yet, so nothing can be said of the role"
            issues.append(Issue(text, "Appointment.participant.actor"))
        else:
            team.append(member)
    return tuple(team), issues


async def member_named(
    connection: Connection, who: str, day: date, *, leading: bool = False, present: bool = False
) -> TeamMember | None:  # fmt: skip
    """Somebody as of a day; None when the directory does not know them."""
    known = await staff_member(connection, who, day)
    if known is None:
        return None
    employers = [role.organisation for role in known.roles if role.organisation is not None]
    return TeamMember(
        who, known.practitioner, frozenset(kind for role in known.roles for kind in staff_kinds(role.codes)),
        frozenset(each.code for each in employers), frozenset(each.kind for each in employers), leading, present,
    )  # fmt: skip


def organisations_of(team: Sequence[TeamMember]) -> set[str]:
    """The codes of all organisations that somebody comes from."""
    return {code for member in team for code in member.organisations}


def with_presence(participants: list[dict[str, Any]], present: set[str], absent: set[str]) -> list[dict[str, Any]]:
    """The participants with who was there and who was not; of others nothing is changed."""
    marked = []
    for each in participants:
        literal = str((each.get("actor") or {}).get("reference") or "")
        status = "accepted" if literal in present else "declined" if literal in absent else each.get("status")
        marked.append({**each, "status": status})
    return marked
