"""Who coordinates the care of a case that a meeting found is given the role in the person's CareTeam (PCPC-021)."""

from __future__ import annotations

from careplan_service.domain.care_teams.hand_over import HandOver, handed_over
from careplan_service.domain.care_teams.roles import claims_roles, holders, roles_held
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.london_days import london_date
from tandem.service import Work

_ROLE = "care-coordinator"
_REASON = "Named when a meeting of the multidisciplinary team accepted the case"


async def name_coordinator(event: Event, work: Work) -> None:
    """Give the role in the team that has it, else in the first of the person, else in a new one."""
    told, patient = event.data or {}, event.patient
    if patient is None or not told.get("coordinator"):
        return
    to, now = {"reference": str(told["coordinator"])}, to_micros(work.now)
    teams = await work.find("CareTeam", f"patient=Patient/{patient}&status=active")
    shared = sorted((each for each in teams if claims_roles(each)), key=lambda each: str(each["id"]))
    held = [each for each in shared if list(holders(roles_held(each), _ROLE, now))]
    for team in held:
        if any(each.who == to["reference"] for each in holders(roles_held(team), _ROLE, now)):
            return
    team = next(iter([*held, *shared]), _new(patient, str(told["task"])))
    asked = HandOver(_ROLE, to, None, _REASON, london_date(work.now), work.now)
    after, _ = handed_over(team, asked)
    await work.put(after)


def _new(patient: str, case: str) -> Resource:
    return {
        "resourceType": "CareTeam", "id": deterministic_id("team-of-case", case), "status": "active",
        "subject": {"reference": f"Patient/{patient}"}, "participant": [],
    }  # fmt: skip
