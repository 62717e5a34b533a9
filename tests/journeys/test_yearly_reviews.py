"""What is due once a year: assessments on the anticipatory care list, and reviews by community providers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.network_area import values
from tandem_tests.practice_lists import practice_lists
from tandem_tests.questionnaire_responses import draft_plan, findings, item, response
from tandem_tests.running import EmbeddedTandem

COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
HOUSEBOUND = ("160689007", "Housebound")
NEEDS, COORDINATION = "yearly-needs-assessment", "yearly-coordination-review"
SUPPORTED = "yearly-provider-review"
GOAL = item("goals", [item("goals.stated", "To see my sister in Whitby again")])
ITEMS = {
    NEEDS: ("targeted-needs-assessment", (item("reason", "Two falls since May"), *findings("needs"), GOAL)),
    COORDINATION: (
        "care-coordination-review",
        (item("involved", [item("involved.services", "District nurse")]), *findings("coordination"), GOAL),
    ),
}


async def clocks(client: FhirClient, query: str) -> list[dict[str, Any]]:
    """The parts of each clock that `$clocks` answers, in its order."""
    await client.caught_up()
    shown = await client.call("GET", f"CarePlan/$clocks?{query}")
    return [{each["name"]: values([each], each["name"])[0] for each in clock} for clock in values(shown, "clock")]


async def complete(client: FhirClient, person: str, plan: str, kind: str, authored: str) -> str:
    """Complete the assessment that a clock asks for, in the person's plan."""
    name, items = ITEMS[kind]
    based = [{"reference": f"CarePlan/{plan}"}]
    made = await client.create(response(name, person, "completed", *items, basedOn=based, authored=authored))
    return f"QuestionnaireResponse/{made['id']}"


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        pytest.param(NEEDS, "practice", marks=pytest.mark.requirement("AC-052")),
        pytest.param(COORDINATION, "practice", marks=pytest.mark.requirement("AC-053")),
        pytest.param(NEEDS, "community", marks=pytest.mark.requirement("AC-065")),
        pytest.param(COORDINATION, "community", marks=pytest.mark.requirement("AC-066")),
    ],
)
async def test_an_assessment_twelve_months_old_is_due_and_a_new_one_resets_the_clock(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, kind: str, by: str
) -> None:
    lists = await practice_lists(http, embedded)
    practice, here = lists.client, lists.here
    await lists.diagnose(here.person, COPD, DIABETES)
    assert await lists.listed("anticipatory-care") == [here.person]
    asked = f"kind={kind}&list=anticipatory-care"
    [never] = await clocks(practice, asked)
    assert (never["state"], never["due"][:10]) == ("running", "2021-07-01"), "a year from coming onto the list"

    plan = str((await practice.create(draft_plan(here.person)))["id"])
    old = await complete(practice, here.person, plan, kind, "2019-06-30")
    [overdue] = await clocks(practice, f"{asked}&state=overdue&practice={here.codes['practice']}")
    assert (overdue["due"][:10], overdue["patient"]) == ("2020-06-30", {"reference": f"Patient/{here.person}"})

    new = await complete(here.client(http, by), here.person, plan, kind, "2020-07-01T08:30:00+01:00")
    assert await clocks(practice, f"{asked}&state=overdue") == []
    [running] = await clocks(practice, asked)
    assert (running["cause"], running["state"], running["due"][:10]) == (new, "running", "2021-07-01")

    withdrawn = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    await practice.patch(old, withdrawn)
    [running] = await clocks(practice, asked)
    assert running["due"][:10] == "2021-07-01"
    await here.client(http, by).patch(new, withdrawn)
    [again] = await clocks(practice, asked)
    assert (again["cause"], again["state"]) == (never["cause"], "running"), "as if neither had been"


@pytest.mark.requirement("AC-070")
async def test_a_housebound_person_without_review_for_a_year_is_overdue_first_until_reviewed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    practice, here = lists.client, lists.here
    mobile, housebound = await lists.register("1936-01-01"), await lists.register("1937-01-01")
    await lists.observe(housebound, HOUSEBOUND, "2020-01-06")
    for person, since in ((mobile, "2019-03-01"), (housebound, "2019-06-15")):
        await practice.create({
            "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{person}"},
            "participant": [{"member": here.reference("community")}], "period": {"start": since},
        })  # fmt: skip
    assert await lists.listed("housebound") == [housebound]
    asked = f"kind={SUPPORTED}&practice={here.codes['practice']}"
    overdue = await clocks(practice, f"{asked}&state=overdue")
    assert [(each["patient"]["reference"], each["due"][:10]) for each in overdue] == [
        (f"Patient/{housebound}", "2020-06-15"), (f"Patient/{mobile}", "2020-03-01"),
    ]  # fmt: skip

    plan = str((await practice.create(draft_plan(housebound)))["id"])
    await complete(here.client(http, "community"), housebound, plan, COORDINATION, "2020-07-01T08:30:00+01:00")
    [left] = await clocks(practice, f"{asked}&state=overdue")
    assert left["patient"] == {"reference": f"Patient/{mobile}"}
    [reviewed] = [
        each for each in await clocks(practice, asked) if each["patient"]["reference"] == f"Patient/{housebound}"
    ]  # fmt: skip
    assert (reviewed["state"], reviewed["due"][:10]) == ("running", "2021-07-01")
