"""The personalised care and support plan: one shared plan a person (EHCH-038, PCPC-050).

Only a CarePlan of this category is held to the rules of the shared process; any other CarePlan is a record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.canonical import CAUSED_BY_SERVICE, SNOMED_CT
from tandem.clock import to_instant
from tandem.fhir.body import Resource

CATEGORY = "2181441000000107"
TITLE = "Personalised Care and Support Plan"
OPEN = ("draft", "active", "on-hold")
"""Statuses of a plan that is worked with (http://hl7.org/fhir/R4/valueset-request-status.html)."""

_CONTENT = ("goal", "activity", "contributor", "careTeam", "addresses", "note")


def is_shared_plan(plan: Resource | None) -> bool:
    """Whether a CarePlan claims the shared process by its category."""
    return any(
        coding.get("system") == SNOMED_CT and coding.get("code") == CATEGORY
        for concept in (plan or {}).get("category") or ()
        for coding in concept.get("coding") or ()
    )


def plan_for_residency(
    identity: str, patient: str, since: str, evidence: list[dict[str, Any]], now: datetime
) -> Resource:
    """The draft that is opened when a person comes to live in a care home (EHCH-039).

    `since` is the date of admission; the records that show it are the plan's supporting information. That enhanced
    health in care homes is the reason for the plan is said in an extension (PC-058).
    """
    plan: Resource = {
        "resourceType": "CarePlan",
        "id": identity,
        "extension": [{"url": CAUSED_BY_SERVICE, "valueCode": "EHCH"}],
        "status": "draft",
        "intent": "plan",
        "category": [{"coding": [{"system": SNOMED_CT, "code": CATEGORY, "display": TITLE}]}],
        "title": TITLE,
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": since},
        "created": to_instant(now),
    }
    if evidence:
        plan["supportingInfo"] = [{"reference": entry["reference"]} for entry in evidence]
    return plan


def is_untouched(plan: Resource) -> bool:
    """Whether nobody has put anything into a plan that was opened here, so that another may take its place."""
    return not any(plan.get(name) for name in _CONTENT)
