"""Who added to a plan and what came of its referrals are told: in print, and in the list of contributions."""

from __future__ import annotations

import httpx

from tandem.canonical import SNOMED_CT
from tandem.demo.client import FhirClient, eventually
from tandem.demo.journey import SOCIAL_PRESCRIBING
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.printed_plan import words
from tandem_tests.questionnaire_responses import draft_plan, item, response
from tandem_tests.running import EmbeddedTandem


async def printed(client: FhirClient, plan: str) -> str:
    return words(await client.request("GET", f"CarePlan/{plan}/$shared-plan?_format=html"))


async def test_who_only_added_a_goal_is_named_as_a_writer(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    name = (await practice.read(f"Organization/{here.organizations['community']}"))["name"]
    await practice.caught_up()
    assert f"Who wrote it {name}" not in await printed(practice, plan["id"])
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk to the shop"}}
    await community.call("POST", f"CarePlan/{plan['id']}/$contribute", parameters(part("goal", resource=goal)))
    assert f"Who wrote it {name}" in await printed(practice, plan["id"])


async def test_a_contributed_response_is_listed_as_the_response_it_is(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    about = response("personalised-care-and-support-plan", here.person, "in-progress", item("about-me", "Likes tea"))
    address = f"CarePlan/{plan['id']}"
    answered = await community.call("POST", f"{address}/$contribute", parameters(part("response", resource=about)))
    [made] = values(answered, "response")
    [row] = values(await practice.call("GET", f"{address}/$contributions"), "contribution")
    said = {each["name"]: values(row, each["name"])[0] for each in row}
    assert (said["element"], said["reference"], said["status"]) == ("response", made, "in-progress")
    assert (said["text"], said["place"]) == ("personalised-care-and-support-plan", "CarePlan.supportingInfo[0]")
    assert said["organisation"]["identifier"]["value"] == here.codes["community"]


async def test_what_came_of_a_referral_stands_beside_it(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    plan = await practice.create(draft_plan(here.person))
    request = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "code": {"coding": [{"system": SNOMED_CT, "code": SOCIAL_PRESCRIBING}], "text": "A choir for her"},
        "basedOn": [{"reference": f"CarePlan/{plan['id']}"}], "requester": here.reference("practice"),
        "performer": [here.reference("community")],
    })  # fmt: skip
    [task] = await eventually(lambda: practice.search(f"Task?focus=ServiceRequest/{request['id']}"), practice.caught_up)
    await practice.caught_up()
    reason = {"op": "add", "path": "/statusReason", "value": {"text": "There is no choir near her"}}
    turned = {"op": "replace", "path": "/status", "value": "rejected"}
    await community.patch(f"Task/{task['id']}", [turned, reason])
    await practice.caught_up()
    said = await printed(practice, plan["id"])
    assert said.count("A choir for her") == 1, "the Task that answers it is no action of its own"
    assert "turned down There is no choir near her" in said
