"""`GET Schedule/[id]/$team`: who is in a team, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.domain.multidisciplinary_teams.make_up import Expected, Member, filled, of_one_organisation
from mdt_service.meetings.answers import member_shown
from mdt_service.meetings.meeting_rights import now_of, series_asked
from mdt_service.multidisciplinary_teams.shipped_expectations import expectations_on
from mdt_service.multidisciplinary_teams.team_make_up import members_on
from mdt_service.multidisciplinary_teams.team_rows import TeamRow, managers_of
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tandem.fhir.operation import OperationCall


async def show_team(call: OperationCall) -> FhirResponse:
    """`date` (else today): members, rhythm, quorum; each sector and discipline filled or missing; of one organisation.

    Read by everybody who takes part in the team. Raises FhirError 400, 404, 422.
    """
    only(call, ("date",))
    day = day_or_today(call, "date")
    async with call.kernel.database.read() as connection:
        _, team = await series_asked(call, connection)
        members = await members_on(connection, team, day)
        told = [*await _arrangement(connection, team), text("date", day.isoformat())]
    expected = expectations_on(day)
    told += [
        yes("single-organisation", of_one_organisation(members)), number("members", len(members)),
        text("expectations", expected.version),
        *_shown("sector", expected.sectors, expected.sectors_source, members),
        *_shown("discipline", expected.disciplines, expected.disciplines_source, members),
        *(parts("member", member_shown(each)) for each in members),
    ]  # fmt: skip
    at = now_of(call)
    await audit_reads(call.kernel.database, call.request, "$team", "Schedule", {None}, at, resource_id=call.id)
    return answer(told)


async def _arrangement(connection: Connection, team: TeamRow) -> list[Parameter]:
    arrangement = team.arrangement
    told = [reference("team", f"CareTeam/{team.team}"), text("name", team.name), yes("active", team.active)]
    told += [text("managed-by", each) for each in sorted(await managers_of(connection, team))]
    if arrangement.cadence is not None:
        told.append(text("cadence", f"every {arrangement.cadence.every} {arrangement.cadence.unit}"))
    if arrangement.quorum is not None:
        told.append(number("quorum", arrangement.quorum))
    told += [text("list", arrangement.cohort)] if arrangement.cohort else []
    told += [text("service", arrangement.service)] if arrangement.service else []
    return told + [text("care-home", each) for each in arrangement.homes]


def _shown(name: str, expected: Sequence[Expected], source: str, members: Sequence[Member]) -> list[Parameter]:
    by = filled(expected, members)
    return [
        parts(name, [
            text("name", each.name), text("title", each.title), text("source", source),
            yes("filled", bool(by[each.name])),
            *(reference("by", member.who) if "/" in member.who else text("by", member.who) for member in by[each.name]),
        ])
        for each in expected
    ]  # fmt: skip
