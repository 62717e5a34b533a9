"""Stays in hospital and the people who coordinate care, posted as a provider's system would."""

from __future__ import annotations

from typing import Any

from tandem.canonical import CARE_TEAM_ROLE
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"


def stay(patient: str, start: str, end: str | None = None, *, setting: str = "IMP", **more: Any) -> Resource:
    """An Encounter; over when `end` is given. `urgent=True` makes it unplanned."""
    urgent = {"priority": {"coding": [{"system": _PRIORITY, "code": "EM"}]}} if more.pop("urgent", False) else {}
    period = {"start": start} | ({"end": end} if end else {})
    return {
        "resourceType": "Encounter", "status": "finished" if end else "in-progress", **urgent,
        "class": {"system": _ACT, "code": setting}, "subject": {"reference": f"Patient/{patient}"}, "period": period,
        **more,
    }  # fmt: skip


async def team_of(client: FhirClient, patient: str, **roles: str) -> str:
    """The CareTeam of a person, `care_coordinator="PractitionerRole/1"` and the like: its id."""
    made = await client.create({
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "participant": [
            {"member": {"reference": member},
             "role": [{"coding": [{"system": CARE_TEAM_ROLE, "code": role.replace("_", "-")}]}]}
            for role, member in roles.items()
        ],
    })  # fmt: skip
    return str(made["id"])
