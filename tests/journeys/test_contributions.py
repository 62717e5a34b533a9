"""Several organisations write one shared plan: what each contributes stays, and says whose it is (decision 0010)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.questionnaire_responses import draft_plan, item, response
from tandem_tests.running import EmbeddedTandem

BOTH = ("practice", "community")


def goal(text: str, **more: Any) -> Resource:
    return {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}, **more}


def given(name: str, resource: Resource) -> dict[str, Any]:
    return part(name, resource=resource)


def activity(description: str, *more: dict[str, Any]) -> dict[str, Any]:
    return part("activity", part("description", valueString=description), *more)


async def contribute(client: FhirClient, plan: str, *posted: dict[str, Any], **headers: str) -> Resource:
    return await client.call("POST", f"CarePlan/{plan}/$contribute", parameters(*posted), **headers)


async def rows(client: FhirClient, plan: str) -> list[dict[str, Any]]:
    """Each contribution: the first value of each part by its name."""
    found = values(await client.call("GET", f"CarePlan/{plan}/$contributions"), "contribution")
    return [{each["name"]: values(row, each["name"])[0] for each in row} for row in found]


async def plan_of_two(http: httpx.AsyncClient, system: EmbeddedTandem) -> tuple[Neighbourhood, str]:
    """A plan with a goal, an activity and a note of the practice, and the same of the community provider."""
    here = await settle_in(http, system)
    plan = await here.client(http, "practice").create(draft_plan(here.person))
    for role in BOTH:
        await contribute(
            here.client(http, role), plan["id"], given("goal", goal(f"Goal of {role}", id="g")),
            activity(f"Activity of {role}", part("goal", valueReference={"reference": "#g"})),
            part("note", valueString=f"Note of {role}"),
        )  # fmt: skip
    return here, str(plan["id"])


def said(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(each.get("expression", [""])[0], each["details"]["text"]) for each in refused.value.outcome["issue"]]


async def test_what_each_contributes_is_merged_and_says_whose_it_is(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, plan = await plan_of_two(http, embedded)
    practice = here.client(http, "practice")
    held = await practice.read(f"CarePlan/{plan}")
    assert held["meta"]["versionId"] == "3", "each contribution is one version"
    assert [len(held[name]) for name in ("goal", "activity", "note")] == [2, 2, 2]
    linked = [each["detail"]["goal"] for each in held["activity"]]
    assert linked == [[each] for each in held["goal"]], "an activity names the goal that was posted with it"
    shown = await rows(practice, plan)
    by = [(each["element"], each["text"], each["organisation"]["identifier"]["value"]) for each in shown]
    assert sorted(by) == sorted(
        (element, f"{element.capitalize()} of {role}", here.codes[role]) for role in BOTH
        for element in ("goal", "activity", "note")
    )  # fmt: skip


async def test_provenance_says_who_wrote_each_version(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here, plan = await plan_of_two(http, embedded)
    practice = here.client(http, "practice")
    found = await practice.search(f"Provenance?target=CarePlan/{plan}&_sort=recorded")
    wrote = {
        each["target"][0]["reference"]: each["agent"][0]["who"]["identifier"]["value"] for each in found
    }  # fmt: skip
    assert wrote == {
        f"CarePlan/{plan}/_history/1": here.codes["practice"], f"CarePlan/{plan}/_history/2": here.codes["practice"],
        f"CarePlan/{plan}/_history/3": here.codes["community"],
    }  # fmt: skip
    goals = (await practice.read(f"CarePlan/{plan}"))["goal"]
    [last] = [each for each in found if each["target"][0]["reference"].endswith("/3")]
    brought = [each["what"] for each in last["entity"] if each["role"] == "source"]
    assert goals[1] in brought
    [own] = await here.client(http, "community").search(f"Provenance?target={goals[1]['reference']}")
    assert own["agent"][0]["who"]["identifier"]["value"] == here.codes["community"]
    assert await here.client(http, "other").search(f"Provenance?target=CarePlan/{plan}") == []
    with pytest.raises(Refused) as refused:
        await here.client(http, "community").call("DELETE", f"Provenance/{own['id']}")
    assert refused.value.status == 422
    own["agent"][0]["who"] = here.reference("practice")
    with pytest.raises(Refused) as refused:
        await here.client(http, "community").call("PUT", f"Provenance/{own['id']}", own)
    assert refused.value.status == 422
    forged = {name: value for name, value in last.items() if name != "id"}
    with pytest.raises(Refused) as refused:
        await here.client(http, "community").create(forged)
    assert refused.value.status == 422


async def test_a_stale_write_is_told_what_changed_since(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    await contribute(community, plan["id"], given("goal", goal("To dance")), part("note", valueString="Likes jazz"))
    stale = {**plan, "description": "Of the practice", "title": "Ours"}
    with pytest.raises(Refused) as refused:
        await practice.call("PUT", f"CarePlan/{plan['id']}", stale, If_Match='W/"1"')
    assert refused.value.status == 412
    first, *told = said(refused)
    assert "version 1" in first[1]
    assert [each for each, _ in told] == ["CarePlan.goal[0]", "CarePlan.note[0]"]
    for _, text in told:
        assert f"was added by {here.codes['community']} at 2020-07-01T" in text
        assert "jazz" not in text
    with pytest.raises(Refused) as refused:
        operations = [{"op": "add", "path": "/title", "value": "Ours"}]
        await practice.patch(f"CarePlan/{plan['id']}", operations, "1")
    assert [each for each, _ in said(refused)[1:]] == ["CarePlan.goal[0]", "CarePlan.note[0]"]


async def test_nobody_rewrites_or_removes_what_another_contributed(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, plan = await plan_of_two(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    held = await practice.read(f"CarePlan/{plan}")
    theirs = [
        ("remove", "/goal/0", None), ("remove", "/activity/0", None), ("remove", "/note/0", None),
        ("replace", "/note/0/text", "Rewritten"), ("replace", "/activity/0/detail/description", "Rewritten"),
        ("replace", "/activity/0/detail/status", "cancelled"), ("replace", "/category", [{"text": "A record"}]),
    ]  # fmt: skip
    for op, path, value in theirs:
        operation = {"op": op, "path": path} | ({"value": value} if value is not None else {})
        with pytest.raises(Refused) as refused:
            await community.patch(f"CarePlan/{plan}", [operation], held["meta"]["versionId"])
        assert refused.value.status == 422, path
        assert all("0010" in text for _, text in said(refused)), said(refused)
        assert any(here.codes["practice"] in text or "shared plan" in text for _, text in said(refused))
    with pytest.raises(Refused) as refused:
        await community.call("DELETE", f"CarePlan/{plan}")
    assert here.codes["practice"] in said(refused)[0][1]
    assert (await practice.read(f"CarePlan/{plan}"))["meta"]["versionId"] == held["meta"]["versionId"]

    first = held["goal"][0]["reference"]
    for operation in ({"op": "replace", "path": "/description/text", "value": "Mine"},
                      {"op": "replace", "path": "/lifecycleStatus", "value": "cancelled"}):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await community.patch(first, [operation])
        assert here.codes["practice"] in said(refused)[0][1]
    told = [{"op": "add", "path": "/note", "value": [{"text": "Walked to the gate"}]}]
    assert (await community.patch(first, told))["note"]


async def test_the_plans_own_organisation_ends_what_another_contributed_and_does_not_rewrite_it(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, plan = await plan_of_two(http, embedded)
    practice = here.client(http, "practice")
    with pytest.raises(Refused) as refused:
        operations = [{"op": "replace", "path": "/activity/1/detail/description", "value": "Shorter"}]
        await practice.patch(f"CarePlan/{plan}", operations)
    assert here.codes["community"] in said(refused)[0][1]
    operations = [{"op": "replace", "path": "/activity/1/detail/status", "value": "cancelled"}]
    ended = await practice.patch(f"CarePlan/{plan}", operations)
    goal_of_other = ended["goal"][1]["reference"]
    await practice.patch(goal_of_other, [{"op": "replace", "path": "/lifecycleStatus", "value": "cancelled"}])
    with pytest.raises(Refused):
        await practice.patch(goal_of_other, [{"op": "replace", "path": "/lifecycleStatus", "value": "active"}])
    shown = {each["text"]: each for each in await rows(practice, plan)}
    assert shown["Activity of community"]["status"] == "cancelled"
    assert shown["Activity of community"]["organisation"]["identifier"]["value"] == here.codes["community"]
    assert shown["Goal of community"]["status"] == "cancelled"


async def test_who_performs_an_activity_says_how_far_it_is(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    by_community = part("performer", valueReference=here.reference("community"))
    await contribute(practice, plan["id"], activity("Exercises twice a week", by_community), activity("Shopping"))
    moved = [
        {"op": "replace", "path": "/activity/0/detail/status", "value": "in-progress"},
        {"op": "add", "path": "/activity/0/progress", "value": [{"text": "First session done"}]},
    ]
    held = await community.patch(f"CarePlan/{plan['id']}", moved)
    assert held["activity"][0]["detail"]["status"] == "in-progress"
    with pytest.raises(Refused) as refused:
        await community.patch(f"CarePlan/{plan['id']}", [
            {"op": "replace", "path": "/activity/1/detail/status", "value": "in-progress"},
        ])  # fmt: skip
    assert said(refused)[0][0] == "CarePlan.activity[1].detail.status"


async def test_a_response_is_its_writers_own(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    about = response("personalised-care-and-support-plan", here.person, "in-progress", item("about-me", "Likes tea"))
    about.pop("subject")
    answered = await contribute(community, plan["id"], given("response", about))
    [made] = values(answered, "response")
    held = await practice.read(made["reference"])
    assert held["basedOn"] == [{"reference": f"CarePlan/{plan['id']}"}]
    assert (await practice.read(f"CarePlan/{plan['id']}"))["supportingInfo"] == [made]
    [row] = await rows(practice, plan["id"])
    assert row["organisation"]["identifier"]["value"] == here.codes["community"]
    rewritten = {**held, "item": [item("about-me", "Likes coffee")]}
    with pytest.raises(Refused) as refused:
        await practice.call("PUT", made["reference"], rewritten)
    assert here.codes["community"] in said(refused)[0][1]
    assert (await community.call("PUT", made["reference"], rewritten))["meta"]["versionId"] == "2"
    stopped = await practice.patch(made["reference"], [{"op": "replace", "path": "/status", "value": "stopped"}])
    assert stopped["status"] == "stopped"


async def test_a_contribution_sent_again_is_taken_once(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    name = part("identifier", valueIdentifier={"system": "urn:uuid", "value": "visit-1"})
    posted = [given("goal", goal("To dance")), name]
    answers = await asyncio.gather(*(contribute(practice, plan["id"], *posted) for _ in range(5)))
    assert all(each == answers[0] for each in answers)
    assert len((await practice.read(f"CarePlan/{plan['id']}"))["goal"]) == 1
    with pytest.raises(Refused) as refused:
        await contribute(practice, plan["id"], given("goal", goal("To sing")), name)
    assert refused.value.status == 409
    for _ in range(2):
        await contribute(practice, plan["id"], part("note", valueString="Once"), X_Request_ID="same")
    await contribute(practice, plan["id"], part("note", valueString="Another"), X_Request_ID="same")
    assert [each["text"] for each in (await practice.read(f"CarePlan/{plan['id']}"))["note"]] == ["Once", "Another"]


async def test_a_contribution_with_a_fault_writes_nothing_and_names_every_fault(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    wrong = goal("To dance")
    wrong["lifecycleStatus"] = "dancing"
    another = goal("To sing", subject={"reference": f"Patient/{here.neighbour}"})
    with pytest.raises(Refused) as refused:
        await contribute(
            practice, plan["id"], part("note", valueString="Kept?"), given("goal", wrong), given("goal", another)
        )
    assert refused.value.status == 422
    assert {each for each, _ in said(refused)} == {
        "Parameters.parameter[1].resource.lifecycleStatus", "Parameters.parameter[2].resource.subject",
    }  # fmt: skip
    for body, status in ((parameters(), 400), (parameters(part("colour", valueString="red")), 400),
                         (parameters(part("note", valueInteger=3)), 400)):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await practice.call("POST", f"CarePlan/{plan['id']}/$contribute", body)
        assert refused.value.status == status
    assert (await practice.read(f"CarePlan/{plan['id']}"))["meta"]["versionId"] == "1"
    assert await practice.search(f"Goal?patient=Patient/{here.person}") == []


async def test_who_has_no_part_in_the_care_contributes_nothing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, plan = await plan_of_two(http, embedded)
    partless = here.client(http, "partless")
    sent = await partless.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "requester": here.reference("partless"), "owner": here.reference("partless"),
        "basedOn": [{"reference": f"CarePlan/{plan}"}],
    })  # fmt: skip
    await partless.caught_up()
    for role in ("partless", "other", "voluntary", "commissioner"):
        with pytest.raises(Refused) as refused:
            await contribute(here.client(http, role), plan, part("note", valueString="Hello"))
        assert refused.value.status == 404, role
    held = await here.client(http, "practice").read(f"CarePlan/{plan}")
    assert len(held["note"]) == 2
    assert f"Task/{sent['id']}" not in str(held)


@pytest.mark.on_six_processes
@pytest.mark.requirement("AC-046")
async def test_whom_the_mdt_assigns_adds_to_the_plan_and_an_unassigned_provider_does_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, partless = here.client(http, "practice"), here.client(http, "partless")
    plan = await practice.create(draft_plan(here.person))
    with pytest.raises(Refused) as refused:
        await contribute(partless, plan["id"], given("goal", goal("To cook")))
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        await partless.create(draft_plan(here.person))
    assert refused.value.status == 403

    # The team decides that the provider supports this person: an action of the network, owned by the provider.
    await here.client(http, "network").create({
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "description": "Community matron to support at home", "requester": here.reference("network"),
        "owner": here.reference("partless"), "basedOn": [{"reference": f"CarePlan/{plan['id']}"}],
    })  # fmt: skip
    await practice.caught_up()
    answered = await contribute(partless, plan["id"], given("goal", goal("To cook")), activity("Kitchen practice"))
    [made] = values(answered, "goal")
    assert made in (await practice.read(f"CarePlan/{plan['id']}"))["goal"]
    by = {each.get("text"): each["organisation"]["identifier"]["value"] for each in await rows(practice, plan["id"])}
    assert by["Kitchen practice"] == here.codes["partless"]
    created = await partless.create({**draft_plan(here.person), "title": "Plan of the community matron"})
    assert created["category"][0]["coding"][0] == {"system": SNOMED_CT, "code": "2181441000000107"}


@pytest.mark.requirement("PCPC-067")
async def test_a_person_reads_their_plan_and_adds_a_comment_of_their_own(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, plan = await plan_of_two(http, embedded)
    practice, own = here.client(http, "practice"), f"Patient/{here.person}"
    person = FhirClient(http, embedded.url, embedded.token(here.codes["practice"], user=own))
    assert len((await person.read(f"CarePlan/{plan}"))["goal"]) == 2
    await contribute(person, plan, part("note", valueString="I would rather walk with my sister"))
    note = (await practice.read(f"CarePlan/{plan}"))["note"][2]
    assert note["text"] == "I would rather walk with my sister"
    assert note["authorReference"] == {"reference": own}
    [row] = [each for each in await rows(person, plan) if each.get("text") == note["text"]]
    assert row["author"] == {"reference": own}
    assert row["user"] == {"reference": own}
    told = await practice.search(f"Provenance?target=CarePlan/{plan}")
    assert own in [each["agent"][0]["who"].get("reference") for each in told]

    # Whoever is named as the author, it is theirs; and it stays theirs.
    claimed = {"text": "Says the doctor", "authorReference": here.reference("practice")}
    await contribute(person, plan, part("note", valueAnnotation=claimed))
    assert (await practice.read(f"CarePlan/{plan}"))["note"][3]["authorReference"] == {"reference": own}
    with pytest.raises(Refused) as refused:
        await practice.patch(f"CarePlan/{plan}", [{"op": "replace", "path": "/note/2/text", "value": "Walks alone"}])
    assert "the person contributed this note" in said(refused)[0][1]

    for posted in (given("goal", goal("To dance")), activity("Dancing")):
        with pytest.raises(Refused) as refused:
            await contribute(person, plan, posted)
        assert refused.value.status == 403
    stranger = FhirClient(http, embedded.url, embedded.token(here.codes["other"], user=f"Patient/{here.neighbour}"))
    with pytest.raises(Refused) as refused:
        await contribute(stranger, plan, part("note", valueString="Hello"))
    assert refused.value.status == 404
    assert len((await practice.read(f"CarePlan/{plan}"))["note"]) == 4
