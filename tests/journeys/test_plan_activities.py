"""What is done towards a plan: for which goal, by whom, what is no part of it, and what is left when it ends."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import TASK_KIND
from tandem.demo.client import FhirClient, Refused, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, admit, plan_of, settle_in
from tandem_tests.network_area import values
from tandem_tests.practice_lists import practice_lists
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import missing, move, new_plan, own_goal, quality, refused

PERTAINS_TO_GOAL = "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")


def goals(shown: Resource) -> dict[str, list[Any]]:
    """The activities of each goal, by its words."""
    return {values(each, "text")[0]: values(each, "activity") for each in values(shown, "goal")}


async def set_goals(client: FhirClient, plan: str, *made: Resource) -> None:
    """Name the goals in the plan (an id)."""
    held = await client.read(f"CarePlan/{plan}")
    named = [{"reference": f"Goal/{each['id']}"} for each in made]
    await client.patch(
        f"CarePlan/{plan}", [{"op": "add", "path": "/goal", "value": named}], held["meta"]["versionId"]
    )


def task(here: Neighbourhood, plan: str | None, owner: str, **more: Any) -> Resource:
    """A Task for the person, based on the plan if there is one."""
    based = {"basedOn": [{"reference": f"CarePlan/{plan}"}]} if plan else {}
    return {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "owner": here.reference(owner), "requester": here.reference("practice"), **based, **more,
    }  # fmt: skip


async def task_moves(client: FhirClient, made: Resource, *statuses: str) -> None:
    """The Task through these statuses, and everybody knows."""
    for status in statuses:
        await client.patch(f"Task/{made['id']}", [{"op": "replace", "path": "/status", "value": status}])
    await client.caught_up()


@pytest.mark.requirement("EHCH-051")
async def test_an_organisation_outside_the_home_does_something_towards_a_goal(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    await here.client(http, "operator").create(here.sharing("practice", "voluntary"))
    await admit(practice, here.person, "2020-06-30")
    plan = (await plan_of(practice, here.person))["id"]
    singing = await own_goal(practice, here.person, "To sing")
    walking = await own_goal(practice, here.person, "To walk")
    await set_goals(practice, plan, singing, walking)
    await move(practice, plan, "active")
    shown = await practice.call("GET", f"CarePlan/{plan}/$goals")
    assert goals(shown) == {"To sing": [], "To walk": []}
    assert len(values(shown, "withoutActivity")) == 2

    choir = await practice.create(task(
        here, plan, "voluntary", description="A choir comes on Thursdays",
        extension=[{"url": PERTAINS_TO_GOAL, "valueReference": {"reference": f"Goal/{singing['id']}"}}],
    ))  # fmt: skip
    await practice.caught_up()
    await task_moves(here.client(http, "voluntary"), choir, "accepted", "in-progress", "completed")
    shown = await practice.call("GET", f"CarePlan/{plan}/$goals")
    [activity] = goals(shown)["To sing"]
    assert values(activity, "text") == ["A choir comes on Thursdays"]
    assert values(activity, "status") == ["completed"]
    [performer] = values(activity, "performer")
    assert values(performer, "organisation") == [here.codes["voluntary"].replace("#", "|")]
    assert values(performer, "outsideTheHome") == [True]
    assert values(activity, "progress") == ["Task accepted", "Task completed"]
    assert values(shown, "withoutActivity") == [{"reference": f"Goal/{walking['id']}"}]
    held = await practice.read(f"CarePlan/{plan}")
    [on_plan] = [each for each in held["activity"] if each["reference"]["reference"] == f"Task/{choir['id']}"]
    assert [note["text"] for note in on_plan["progress"]] == ["Task accepted", "Task completed"]
    assert "activity-for-each-goal" in missing(await quality(practice, plan))

    detail = {"detail": {
        "status": "in-progress", "description": "Walks with a volunteer", "performer": [here.reference("voluntary")],
        "goal": [{"reference": f"Goal/{walking['id']}"}],
    }}  # fmt: skip
    await practice.patch(
        f"CarePlan/{plan}", [{"op": "add", "path": "/activity/-", "value": detail}], held["meta"]["versionId"]
    )
    shown = await practice.call("GET", f"CarePlan/{plan}/$goals")
    assert values(shown, "withoutActivity") == []
    assert "activity-for-each-goal" not in missing(await quality(practice, plan))


@pytest.mark.requirement("AC-020")
async def test_support_traces_to_an_activity_of_the_plan_or_is_a_gap(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    lists = await practice_lists(http, embedded)
    here, practice = lists.here, lists.client
    await lists.diagnose(here.person, COPD, DIABETES)
    assert here.person in await lists.listed("anticipatory-care")
    plan = (await new_plan(practice, here.person))["id"]
    traced = await practice.create(task(here, plan, "community", description="Strength exercises"))
    request = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "code": {"text": "Befriending"}, "basedOn": [{"reference": f"CarePlan/{plan}"}],
        "requester": here.reference("practice"),
    })  # fmt: skip
    part = await practice.create(task(
        here, None, "community", description="The first call", focus={"reference": f"ServiceRequest/{request['id']}"},
    ))  # fmt: skip
    loose = await practice.create(task(here, None, "community", description="Meals on wheels"))
    agenda = {"coding": [{"system": TASK_KIND, "code": "agenda-item"}]}
    await practice.create(task(here, None, "network", code=agenda))
    await practice.caught_up()

    shown = await practice.call("GET", f"CarePlan/{plan}/$support")
    assert values(shown, "listed") == [True]
    items = {values(each, "reference")[0]["reference"]: each for each in values(shown, "item")}
    own = {
        f"Task/{traced['id']}": [True], f"ServiceRequest/{request['id']}": [True], f"Task/{part['id']}": [True],
        f"Task/{loose['id']}": [],
    }  # fmt: skip
    assert {name: values(each, "activity") for name, each in items.items()} == own
    assert {name: values(each, "gap") for name, each in items.items()} == {
        name: [] if way else [True] for name, way in own.items()
    }
    assert values(items[f"Task/{part['id']}"], "through") == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert values(shown, "gaps") == [1]

    held = await practice.read(f"CarePlan/{plan}")
    added = {"reference": {"reference": f"Task/{loose['id']}"}}
    await practice.patch(
        f"CarePlan/{plan}", [{"op": "add", "path": "/activity/-", "value": added}], held["meta"]["versionId"]
    )
    assert values(await practice.call("GET", f"CarePlan/{plan}/$support"), "gaps") == [0]


async def test_a_plan_is_not_closed_over_open_actions(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = (await new_plan(practice, here.person, activity=[
        {"detail": {"status": "in-progress", "description": "Walks with a volunteer"}},
    ]))["id"]  # fmt: skip
    await own_goal(practice, here.person)
    await move(practice, plan, "active")
    ended = await practice.create(task(here, plan, "practice"))
    moved = await practice.create(task(here, plan, "practice"))

    async def shown() -> bool:
        return len((await practice.read(f"CarePlan/{plan}"))["activity"]) == 3

    await eventually(shown, practice.caught_up)
    said = await refused(practice, plan, "completed")
    assert [text.partition(" of this plan")[0] for text in said] == [
        *sorted((f"Task/{each['id']}" for each in (ended, moved)), key=[text.split()[0] for text in said].index),
        "An activity",
    ]  # fmt: skip
    assert len(await refused(practice, plan, "revoked")) == 3
    with pytest.raises(Refused) as refusal:
        await practice.call("DELETE", f"CarePlan/{plan}")
    assert (refusal.value.status, len(refusal.value.outcome["issue"])) == (422, 3)
    held = await practice.read(f"CarePlan/{plan}")
    with pytest.raises(Refused) as refusal:
        await practice.patch(
            f"CarePlan/{plan}", [{"op": "remove", "path": "/category"}], held["meta"]["versionId"]
        )
    assert "stays a shared plan" in refusal.value.text

    following = (await new_plan(practice, here.person))["id"]
    await task_moves(practice, ended, "accepted", "in-progress", "completed")
    based = [{"op": "replace", "path": "/basedOn", "value": [{"reference": f"CarePlan/{following}"}]}]
    await practice.patch(f"Task/{moved['id']}", based)
    await practice.caught_up()
    [said_of_detail] = await refused(practice, plan, "completed")
    assert said_of_detail.startswith("An activity")
    held = await practice.read(f"CarePlan/{plan}")
    [place] = [place for place, each in enumerate(held["activity"]) if "detail" in each]
    await practice.patch(f"CarePlan/{plan}", [
        {"op": "replace", "path": f"/activity/{place}/detail/status", "value": "completed"},
        {"op": "replace", "path": "/status", "value": "completed"},
    ], held["meta"]["versionId"])  # fmt: skip
    assert await refused(practice, plan, "active") == [
        "CarePlan.status cannot go from 'completed' to 'active'; allowed: entered-in-error"
    ]


async def test_dates_of_a_plan_lie_within_the_life(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await new_plan(practice, here.person)
    await practice.caught_up()

    async def refusal(method: str, path: str, sent: Resource, **headers: str) -> str:
        with pytest.raises(Refused) as refused_for:
            await practice.call(method, path, sent, **headers)
        assert refused_for.value.status == 422
        return refused_for.value.text

    version = {"If_Match": f'W/"{plan["meta"]["versionId"]}"'}
    early = {**plan, "period": {"start": "1934-03"}}
    assert "before the person's birth" in await refusal("PUT", f"CarePlan/{plan['id']}", early, **version)
    goal = {
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To walk"},
        "subject": here.subject, "startDate": "1933-12-31",
    }  # fmt: skip
    assert "before the person's birth" in await refusal("POST", "Goal", goal)

    died = [{"op": "add", "path": "/deceasedDateTime", "value": "2020-06-20"}]
    await practice.patch(f"Patient/{here.person}", died)
    await practice.caught_up()
    late = {**plan, "activity": [{"detail": {"status": "scheduled", "scheduledPeriod": {"start": "2020-06-21"}}}]}
    assert "after the person's death" in await refusal("PUT", f"CarePlan/{plan['id']}", late, **version)
    assert "after the person's death" in await refusal("POST", "Goal", {**goal, "startDate": "2020-06-21"})
    await own_goal(practice, here.person)
    [said] = await refused(practice, plan["id"])
    assert said.startswith("The person has died")
    last = {**plan, "period": {"start": "2020-06-20", "end": "2021-06-20"}}
    held = await practice.call("PUT", f"CarePlan/{plan['id']}", last, **version)
    assert held["period"]["end"] == "2021-06-20", "an end that was planned before"


async def test_a_record_of_another_category_is_held_to_nothing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    record = await practice.create({
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": here.subject,
        "period": {"start": "1930"},
    })  # fmt: skip
    assert (await move(practice, record["id"], "completed"))["status"] == "completed"
    assert (await move(practice, record["id"], "draft"))["status"] == "draft"
    with pytest.raises(Refused) as refusal:
        await practice.call("GET", f"CarePlan/{record['id']}/$quality")
    assert (refusal.value.status, "no shared plan" in refusal.value.text) == (422, True)
