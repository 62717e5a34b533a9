"""`CareTeam/$gaps`: whose teams lack somebody, by list and as of any day (EHCH-016, AC-026, PCPC-034, PCPC-051)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.care_teams.member_kinds import MemberKinds
from careplan_service.care_teams.team_rows import roles_of_people
from careplan_service.domain.care_teams.gaps import RULES, Gap, TeamRule
from careplan_service.listed_people import Listed, seen_members
from careplan_service.plans.programmes import CASE_REGISTER, COMPLEX_AND_FRAIL
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, one_of, only, page
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from datetime import date

    from tandem.fhir.operation import OperationCall

_PARAMETERS = ("list", "as-of", "_count", "_offset", *AREA_PARAMETERS)


async def gaps(call: OperationCall) -> FhirResponse:
    """A `person` for each whose teams lack somebody: `patient`, `since` (on the list), `missing` (`code`, `text`).

    Parameters `list` (care-home-residents unless given; anticipatory-care, case-register), `as-of` (a day; today unless
    given), `practice` or `network`, `_count`, `_offset`. With `source`, `requirement`s, `owedFrom` and `owed` (whether
    the rule binds on that day), `listed` and `total`. Only active CareTeams about the person count, and members whose
    period covers the end of the day. Raises FhirError 400.
    """
    only(call, _PARAMETERS)
    cohort, day, (count, offset) = one_of(call, "list", [*RULES], "care-home-residents"), _day(call), page(call)
    rule = RULES[cohort]
    async with call.kernel.database.read() as connection:
        listed = await _listed(call, connection, cohort, day)
        found = await _lacking(connection, rule, listed, day)
    shown = found[offset : offset + count]
    told: set[str | None] = {each.patient for each, _ in shown}
    await audit_reads(call.kernel.database, call.request, "$gaps", "CareTeam", told, to_micros(call.kernel.clock.now()))
    return answer([
        text("list", cohort), text("source", rule.source), *(text("requirement", each) for each in rule.requirements),
        {"name": "asOf", "valueDate": day.isoformat()}, {"name": "owedFrom", "valueDate": rule.since.isoformat()},
        yes("owed", day >= rule.since), number("listed", len(listed)), number("total", len(found)),
        *(_person(each, missing) for each, missing in shown),
    ])  # fmt: skip


def _day(call: OperationCall) -> date:
    return day_or_today(call, "as-of")


async def _listed(call: OperationCall, connection: Connection, cohort: str, day: date) -> list[Listed]:
    listed = await seen_members(call, connection, cohort, day)
    if cohort != CASE_REGISTER:
        return listed
    # On the register is who was put there and is on its list too.
    still = {each.patient for each in await seen_members(call, connection, COMPLEX_AND_FRAIL, day)}
    return [each for each in listed if each.patient in still]


async def _lacking(
    connection: Connection, rule: TeamRule, listed: list[Listed], day: date
) -> list[tuple[Listed, list[Gap]]]:
    held = await roles_of_people(connection, [each.patient for each in listed])
    kinds, moment = MemberKinds(connection, day), beginning_of(day_number(day) + 1) - 1
    found = []
    for each in listed:
        members = [await kinds.member(role) for role in held.get(each.patient, []) if role.holds_at(moment)]
        if missing := list(rule.lacks(members)):
            found.append((each, missing))
    return found


def _person(listed: Listed, missing: list[Gap]) -> Parameter:
    return parts("person", [
        {"name": "patient", "valueReference": {"reference": f"Patient/{listed.patient}"}},
        {"name": "since", "valueDate": listed.since.isoformat()},
        *(parts("missing", [{"name": "code", "valueCode": each.code}, text("text", each.text)]) for each in missing),
    ])  # fmt: skip
