"""Assessments made by several in parts, recorded in a plan (000 §3.16 and §4.12)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import values
from tandem_tests.practice_lists import practice_lists
from tandem_tests.questionnaire_responses import DOMAINS, draft_plan, findings, item, part_of, response
from tandem_tests.running import EmbeddedTandem

HOLISTIC, COMPREHENSIVE = "holistic-assessment", "comprehensive-needs-assessment"
GOAL = "To see my sister in Whitby again"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")


async def standing(client: FhirClient, whole: Resource) -> Resource:
    """Where an assessment stands."""
    return await client.call("GET", f"QuestionnaireResponse/{whole['id']}/$assessment")


async def moved(client: FhirClient, held: Resource, status: str) -> Resource:
    """The response in another status."""
    operations = [{"op": "replace", "path": "/status", "value": status}]
    return await client.patch(f"QuestionnaireResponse/{held['id']}", operations)


def authors(shown: Resource, section: str) -> list[str]:
    """The organisations whose parts answer a section."""
    [found] = [each for each in values(shown, "section") if values(each, "linkId") == [section]]
    return [values(part, "organisation")[0] for part in values(found, "part")]


def said(refused: pytest.ExceptionInfo[Refused]) -> str:
    """All that a refusal says."""
    assert refused.value.status == 422
    return " ".join(issue["details"]["text"] for issue in refused.value.outcome["issue"])


async def whole_of(client: FhirClient, here: Neighbourhood, name: str, *items: dict[str, Any], **more: Any) -> Resource:
    """An assessment that the practice has begun."""
    return await client.create(response(name, here.person, "in-progress", *items, **more))


@pytest.mark.requirement("EHCH-045")
async def test_a_holistic_assessment_names_the_domain_it_lacks_and_completes_with_it(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    whole = await whole_of(practice, here, HOLISTIC, *findings(*DOMAINS[:4]))
    shown = await standing(practice, whole)
    assert values(shown, "complete") == [False]
    assert values(shown, "missing") == ["environmental"]
    with pytest.raises(Refused) as refused:
        await moved(practice, whole, "completed")
    assert "environmental" in said(refused)
    assert "physical" not in said(refused)

    part = response(HOLISTIC, here.person, "completed", *findings("environmental"), **part_of(whole))
    made = await community.create(part)
    shown = await standing(practice, whole)
    assert values(shown, "complete") == [True]
    assert values(shown, "missing") == []
    assert authors(shown, "environmental") == [here.codes["community"]]
    assert authors(shown, "physical") == [here.codes["practice"]]
    assert (await moved(practice, whole, "completed"))["status"] == "completed"

    again = await standing(community, made)
    assert values(again, "whole") == [{"reference": f"QuestionnaireResponse/{whole['id']}"}], "asked of a part"


@pytest.mark.requirement("AC-043")
async def test_each_assessment_is_recorded_and_who_lacks_any_is_listed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    practice, codes = lists.client, lists.here.codes
    person, other = await lists.register("1936-01-01"), await lists.register("1936-01-01")
    for each in (person, other):
        await lists.diagnose(each, COPD, DIABETES)
    assert set(await lists.listed("anticipatory-care")) == {person, other}

    async def lacking(**asked: str) -> dict[str, list[str]]:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        found = await practice.call("GET", f"QuestionnaireResponse/$assessments-due?{query}")
        people = {values(each, "patient")[0]["reference"]: values(each, "lacks") for each in values(found, "person")}
        assert values(found, "total") == [len(people)]
        return people

    three = {
        COMPREHENSIVE: (*findings(*DOMAINS, "medicines", "carers"), item("goals", [item("goals.stated", GOAL)])),
        "targeted-needs-assessment": (
            item("reason", "Two falls since May"), *findings("needs"), item("goals", [item("goals.stated", GOAL)]),
        ),
        "care-coordination-review": (
            item("involved", [item("involved.services", "District nurse, twice a week")]), *findings("coordination"),
            item("goals", [item("goals.stated", GOAL)]),
        ),
    }  # fmt: skip
    everybody = {f"Patient/{each}": list(three) for each in (person, other)}
    assert await lacking(practice=codes["practice"]) == everybody
    plan = await practice.create(draft_plan(person))
    left = list(three)
    for name, items in three.items():
        based = [{"reference": f"CarePlan/{plan['id']}"}]
        await practice.create(response(name, person, "completed", *items, basedOn=based))
        left.remove(name)
        assert (await lacking()).get(f"Patient/{person}", []) == left
    assert await lacking(network=codes["network"]) == {f"Patient/{other}": [*three]}
    assert await lacking(practice=codes["other"]) == {}


@pytest.mark.requirement("AC-044")
async def test_findings_and_goals_appear_on_the_plan_and_without_a_plan_nothing_is_completed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    items = (
        item("reason", "Two falls since May"),
        item("needs", [item("needs.findings", "Afraid of the stairs"), item("needs.actions", "A second banister")]),
        item("goals", [item("goals.stated", GOAL)]),
    )
    with pytest.raises(Refused) as refused:
        await practice.create(response("targeted-needs-assessment", here.person, "completed", *items))
    assert "basedOn" in said(refused)
    begun = await whole_of(practice, here, "targeted-needs-assessment", *items)
    with pytest.raises(Refused) as refused:
        await moved(practice, begun, "completed")
    assert "AC-044" in said(refused)

    plan = await practice.create(draft_plan(here.person))
    path = f"CarePlan/{plan['id']}"
    await practice.call("PUT", f"QuestionnaireResponse/{begun['id']}", {
        **begun, "status": "completed", "basedOn": [{"reference": path}],
    })  # fmt: skip
    held = await practice.read(path)
    assert {"reference": f"QuestionnaireResponse/{begun['id']}"} in held["supportingInfo"]
    [shown] = values(await practice.call("GET", f"{path}/$assessments"), "assessment")
    assert values(shown, "goal") == [GOAL]
    assert [values(each, "text")[0] for each in values(shown, "finding")] == [
        "Two falls since May", "Afraid of the stairs", "A second banister",
    ]  # fmt: skip


async def test_an_assessment_made_before_is_taken_up_by_a_plan_without_a_copy(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    made = await practice.create(response(HOLISTIC, here.person, "completed", *findings(*DOMAINS)))
    reference = {"reference": f"QuestionnaireResponse/{made['id']}"}
    plan = await practice.create({**draft_plan(here.person), "supportingInfo": [reference]})
    [shown] = values(await practice.call("GET", f"CarePlan/{plan['id']}/$assessments"), "assessment")
    assert values(shown, "response") == [reference]
    stranger = await here.client(http, "other").create({**draft_plan(here.neighbour), "supportingInfo": [reference]})
    answered = await here.client(http, "other").call("GET", f"CarePlan/{stranger['id']}/$assessments")
    assert values(answered, "assessment") == [], "a plan of somebody else shows nothing by naming it"


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-045")
async def test_the_whole_shows_its_parts_by_author_and_closes_only_when_all_are_in(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    mine = (*findings(*DOMAINS, "medicines", "carers"), item("goals", [item("goals.stated", GOAL)]))
    whole = await whole_of(practice, here, COMPREHENSIVE, *mine, basedOn=[{"reference": f"CarePlan/{plan['id']}"}])
    task = await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "code": {"coding": [{"system": TASK_KIND, "code": "assessment-part"}]},
        "focus": {"reference": f"QuestionnaireResponse/{whole['id']}"}, "owner": here.reference("community"),
        "requester": here.reference("practice"),
        "input": [{"type": {"text": "section"}, "valueString": each} for each in ("functional", "environmental")],
    })  # fmt: skip

    async def assigned() -> list[Any]:
        return values(await standing(practice, whole), "assigned")

    [given] = await eventually(assigned, practice.caught_up)
    assert values(given, "organisation") == [here.codes["community"]]
    assert values(given, "in") == [False]
    with pytest.raises(Refused) as refused:
        await moved(practice, whole, "completed")
    assert f"Task/{task['id']}" in said(refused)
    assert "functional, environmental" in said(refused)

    part = response(COMPREHENSIVE, here.person, "in-progress", *findings("functional"), **part_of(whole))
    begun = await community.create(part)
    with pytest.raises(Refused) as refused:
        await moved(practice, whole, "completed")
    assert "still in progress" in said(refused)
    both = findings("functional", "environmental", text="The community nurse found")
    await community.call("PUT", f"QuestionnaireResponse/{begun['id']}", {**begun, "status": "completed", "item": both})

    shown = await standing(practice, whole)
    assert values(shown, "complete") == [True]
    assert authors(shown, "functional") == [here.codes["practice"], here.codes["community"]]
    assert authors(shown, "medicines") == [here.codes["practice"]]
    assert (await moved(practice, whole, "completed"))["status"] == "completed"
    with pytest.raises(Refused) as refused:
        await moved(practice, whole, "in-progress")
    assert "amended" in said(refused)


async def test_a_part_belongs_to_a_whole_of_the_same_person_and_questionnaire(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    whole = await whole_of(practice, here, HOLISTIC)
    part = response(COMPREHENSIVE, here.person, "in-progress", *findings("social"), **part_of(whole))
    with pytest.raises(Refused) as refused:
        await practice.create(part)
    assert "same questionnaire" in said(refused)
    stranger = response(HOLISTIC, here.neighbour, "in-progress", *findings("social"), **part_of(whole))
    with pytest.raises(Refused) as refused:
        await here.client(http, "other").create(stranger)
    assert "same person" in said(refused)
    assert values(await standing(practice, whole), "complete") == [False]
