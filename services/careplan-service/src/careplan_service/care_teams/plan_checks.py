"""What a plan of anticipatory care is asked for: a responsible lead (000 §4.12 r6; AC-048)."""

from __future__ import annotations

from careplan_service.care_teams.team_rows import roles_of_person
from careplan_service.domain.care_teams.roles import ACCOUNTABLE, RESPONSIBLE_LEAD, holders
from careplan_service.plans.plan_activation import Activation, ActivationCheck
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import Issue


async def _lead(connection: Connection, activation: Activation) -> list[Issue]:
    held = await roles_of_person(connection, activation.patient)
    if any(each.is_professional for each in holders(held, RESPONSIBLE_LEAD, to_micros(activation.now))):
        return []
    text = (
        "The plan has a responsible lead: add a participant with the role responsible-lead, a Practitioner or"
        " PractitionerRole, to an active CareTeam of the person"
    )
    return [Issue(f"{text} ({ACCOUNTABLE[RESPONSIBLE_LEAD]})", "CarePlan.careTeam", "required")]


RESPONSIBLE_LEAD_NAMED = ActivationCheck("responsible-lead", "AC", ("AC-048",), "000 §4.12 r6", _lead)
