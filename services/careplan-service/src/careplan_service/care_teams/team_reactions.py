"""What holds a write of a person's CareTeam to the rules of the shared process, in the same transaction."""

from __future__ import annotations

from careplan_service.care_teams.team_rows import role_handed_over, roles_of_other_teams
from careplan_service.domain.care_teams.accountable import (
    ends_with_lead,
    faults_of_holders,
    lost_without_hand_over,
    missing_of_register_team,
)
from careplan_service.domain.care_teams.roles import claims_roles, roles_held
from careplan_service.plans.programmes import CASE_REGISTER, COMPLEX_AND_FRAIL
from tandem.clock import to_micros
from tandem.cohort_membership.queries import lists_of
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.derivation import hold
from tandem.london_days import london_date
from tandem.service import Change, Work


async def check_team(change: Change, work: Work) -> None:
    """Hold a team that takes part in the shared process to its rules.

    Raises FhirError 422 for an accountable role that is lost, changed without a hand-over or held twice, and for a
    register patient's team that is made active without a named GP or care co-ordinator.
    """
    if change.caller.sees_all or change.patient is None:
        return
    if not claims_roles(change.before) and not claims_roles(change.after):
        return
    # One at a time for a person: two teams that name the same role at once would each not see the other.
    await hold(work.connection, [change.patient])
    if faults := await _faults(change, work, change.patient):
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


async def _faults(change: Change, work: Work, patient: str) -> list[Issue]:
    before, after, now = _active(change.before), _active(change.after), to_micros(change.now)
    faults: list[Issue] = []
    had = roles_held(before) if before is not None and claims_roles(before) else []
    if after is None:
        return list(ends_with_lead(had, now)) if had and await _has_active_plan(work.connection, patient) else []
    if not claims_roles(after) and had:
        faults += lost_without_hand_over(had, [], now, None)
    has = roles_held(after)
    if had:
        faults += lost_without_hand_over(had, has, now, await role_handed_over(work.connection, after))
    if before is None and await _is_on_register(work.connection, patient, change):
        faults += missing_of_register_team(has, now)
    known = {(each.role, each.who, each.span) for each in had}
    if any((each.role, each.who, each.span) not in known for each in has):
        faults += faults_of_holders(has, await roles_of_other_teams(work.connection, patient, change.id))
    return list(dict.fromkeys(faults))


def _active(team: Resource | None) -> Resource | None:
    return team if team is not None and team.get("status") == "active" else None


async def _is_on_register(connection: Connection, patient: str, change: Change) -> bool:
    lists = await lists_of(connection, patient, london_date(change.now))
    return {CASE_REGISTER, COMPLEX_AND_FRAIL} <= lists


async def _has_active_plan(connection: Connection, patient: str) -> bool:
    sql = "SELECT 1 FROM shared_plan WHERE patient = $1 AND status = 'active'"
    return await connection.fetchval(sql, patient) is not None
