"""Shared plans as clients of the API make, agree and ask them."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.canonical import CARE_TEAM_CATEGORY, CARE_TEAM_ROLE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import values
from tandem_tests.questionnaire_responses import coding, draft_plan, item, response

CONTENT = "personalised-care-and-support-plan"


async def new_plan(client: FhirClient, patient: str, **more: Any) -> Resource:
    """A draft of a shared plan for a Patient id."""
    return await client.create({**draft_plan(patient), **more})


async def move(client: FhirClient, plan: str, status: str) -> Resource:
    """The plan (an id) in another status."""
    held = await client.read(f"CarePlan/{plan}")
    operations = [{"op": "replace", "path": "/status", "value": status}]
    return await client.patch(f"CarePlan/{plan}", operations, held["meta"]["versionId"])


async def refused(client: FhirClient, plan: str, status: str = "active") -> list[str]:
    """What a move of the plan is refused for; nothing of it was written."""
    before = await client.read(f"CarePlan/{plan}")
    with pytest.raises(Refused) as refusal:
        await move(client, plan, status)
    assert refusal.value.status == 422
    assert await client.read(f"CarePlan/{plan}") == before
    return [issue["details"]["text"] for issue in refusal.value.outcome["issue"]]


async def add_goal(client: FhirClient, patient: str, text: str, **more: Any) -> Resource:
    """A goal of the person; they expressed it when `expressedBy` says so."""
    return await client.create({
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text},
        "subject": {"reference": f"Patient/{patient}"}, **more,
    })  # fmt: skip


async def own_goal(client: FhirClient, patient: str, text: str = "To see the sea again") -> Resource:
    """A goal in the person's own words."""
    return await add_goal(client, patient, text, expressedBy={"reference": f"Patient/{patient}"})


async def agreed_plan(client: FhirClient, patient: str, lead: str | None = None) -> Resource:
    """A plan with a goal in the person's own words that was made active.

    `lead` is a `PractitionerRole/id` that answers for it, which anticipatory care asks for.
    """
    plan = await new_plan(client, patient)
    await own_goal(client, patient)
    if lead is not None:
        await client.create({
            "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient}"},
            "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": "plan-team"}]}],
            "participant": [{
                "member": {"reference": lead},
                "role": [{"coding": [{"system": CARE_TEAM_ROLE, "code": "responsible-lead"}]}],
            }],
        })  # fmt: skip
    return await move(client, str(plan["id"]), "active")


async def say(client: FhirClient, plan: str, patient: str, *items: dict[str, Any], **more: Any) -> Resource:
    """A completed response with items of the plan's content, based on the plan (an id)."""
    based = {"basedOn": [{"reference": f"CarePlan/{plan}"}]}
    return await client.create(response(CONTENT, patient, "completed", *items, **based, **more))


AGREED = (
    item("health-needs", "Breathless on stairs"), item("social-needs", "Lives alone"), item("agreement", True),
    item("agreed-by", coding("person")), item("forum", coding("home-visit")),
    item("summary-record-consent-asked", True), item("summary-record-consent", False),
)  # fmt: skip
"""What the plan of somebody on the case register is agreed with, besides a goal."""


async def quality(client: FhirClient, plan: str) -> Resource:
    """The plan against the checklist."""
    return await client.call("GET", f"CarePlan/{plan}/$quality")


def missing(shown: Resource) -> set[str]:
    """The names of the things that `$quality` misses."""
    return {values(each, "name")[0] for each in values(shown, "thing") if values(each, "present") == [False]}


def things(shown: Resource) -> dict[str, dict[str, Any]]:
    """The single parts of each thing by its name."""
    found: dict[str, dict[str, Any]] = {}
    for each in values(shown, "thing"):
        single = {part["name"]: next(value for key, value in part.items() if key != "name") for part in each}
        found[single["name"]] = single
    return found
