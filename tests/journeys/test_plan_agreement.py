"""What a shared plan is agreed with: the person's voice and goals, and what their circumstances ask for."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.neighbourhood import admit, plan_of, settle_in
from tandem_tests.network_area import values
from tandem_tests.practice_lists import practice_lists
from tandem_tests.questionnaire_responses import DOMAINS, findings, item, pam, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import add_goal, missing, move, new_plan, own_goal, quality, refused, say, things

DEMENTIA = ("52448006", "Dementia")
END_OF_LIFE = ("526631000000108", "On end of life care register")


@pytest.mark.on_six_processes
@pytest.mark.requirement("EHCH-043")
async def test_a_residents_plan_needs_a_goal_and_the_voice_of_the_person_or_a_carer(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    await admit(practice, here.person, "2020-06-30")
    plan = (await plan_of(practice, here.person))["id"]
    said = await refused(practice, plan)
    assert [text.rpartition("; ")[2] for text in said] == ["PC-001)", "EHCH-043)", "EHCH-043)"], "all at once"
    assert all("000 §" in text for text in said)

    goal = await add_goal(practice, here.person, "Fewer falls")
    said = await refused(practice, plan)
    assert not [text for text in said if "no personal goal" in text]
    assert [text for text in said if "Neither the person nor a carer" in text]

    await practice.patch(
        f"Goal/{goal['id']}", [{"op": "add", "path": "/expressedBy", "value": {"reference": "RelatedPerson/daughter"}}],
        goal["meta"]["versionId"],
    )  # fmt: skip
    assert (await move(practice, plan, "active"))["status"] == "active"
    shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
    assert (values(shown, "agreed"), values(shown, "voice"), values(shown, "goals")) == ([True], [True], [1])


async def test_a_carers_answer_is_a_voice_and_no_goal(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    await admit(practice, here.person, "2020-06-30")
    plan = (await plan_of(practice, here.person))["id"]
    daughter = {"source": {"reference": "RelatedPerson/daughter"}}
    await say(practice, plan, here.person, item("preferences", "Tea, never coffee"), **daughter)
    [said] = await refused(practice, plan)
    assert "no personal goal" in said


@pytest.mark.requirement("EHCH-044")
@pytest.mark.parametrize(
    ("code", "section"), [(DEMENTIA, "dementia"), (END_OF_LIFE, "end-of-life")], ids=["dementia", "end-of-life"]
)
async def test_dementia_and_the_end_of_life_have_a_section_in_a_residents_plan(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, code: tuple[str, str], section: str
) -> None:
    lists = await practice_lists(http, embedded)
    practice, person = lists.client, await lists.register("1936-01-01")
    await lists.diagnose(person, code, onset="2020-05-01")
    await admit(practice, person, "2020-06-30")
    plan = (await plan_of(practice, person))["id"]
    await practice.caught_up()
    await own_goal(practice, person)
    [said] = await refused(practice, plan)
    assert f"answer item {section}" in said
    assert "000 §3.16 r7 b3; EHCH-044" in said

    await say(practice, plan, person, item(section, "Familiar faces, short visits, music in the morning"))
    assert (await move(practice, plan, "active"))["status"] == "active"


@pytest.mark.requirement("PC-001")
@pytest.mark.parametrize("own", ["goal", "what-matters", "preferences"])
async def test_a_plan_says_what_matters_to_the_person_or_what_they_prefer(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, own: str
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = (await new_plan(practice, here.person))["id"]
    await add_goal(practice, here.person, "HbA1c under 58")
    [said] = await refused(practice, plan)
    assert "what matters to the person" in said
    assert "000 §5.1; PC-001" in said
    if own == "goal":
        await own_goal(practice, here.person)
    else:
        await say(practice, plan, here.person, item(own, "To go on living at home"), source=here.subject)
    assert (await move(practice, plan, "active"))["status"] == "active"


async def test_a_plan_that_is_created_active_is_held_to_the_same(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    with pytest.raises(Refused) as refusal:
        await new_plan(practice, here.person, status="active")
    assert "PC-001" in refusal.value.text
    goal = {
        "resourceType": "Goal", "id": "wish", "lifecycleStatus": "active", "description": {"text": "To see the sea"},
        "subject": here.subject, "expressedBy": here.subject,
    }  # fmt: skip
    held = await new_plan(practice, here.person, status="active", contained=[goal], goal=[{"reference": "#wish"}])
    assert held["status"] == "active"


async def test_a_plan_comes_with_its_goal_in_one_transaction_in_any_order(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, name = here.client(http, "practice"), "urn:uuid:6f1e2c1a-6c55-4c0e-9d57-0a7f0d1c3b11"
    goal = {
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "To see the sea"},
        "subject": here.subject, "expressedBy": here.subject,
    }  # fmt: skip
    plan = {
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": here.subject,
        "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "2181441000000107"}]}],
        "goal": [{"reference": name}],
    }  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": plan, "request": {"method": "POST", "url": "CarePlan"}},
        {"fullUrl": name, "resource": goal, "request": {"method": "POST", "url": "Goal"}},
    ]}  # fmt: skip
    answered = await practice.call("POST", "", bundle)
    assert [entry["response"]["status"].split()[0] for entry in answered["entry"]] == ["201", "201"]


@pytest.mark.requirement("PC-046")
async def test_a_measured_activation_asks_how_support_was_tailored(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = (await new_plan(practice, here.person))["id"]
    await own_goal(practice, here.person)
    await practice.create(pam(here.person, "45.2", 1, "2020-06-15"))
    [said] = await refused(practice, plan)
    assert "how support was tailored" in said
    assert "PC-046" in said
    tailored = "A health coach goes through one change at a time"
    await say(practice, plan, here.person, item("tailored-support", tailored))
    assert (await move(practice, plan, "active"))["status"] == "active"
    shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
    assert (values(shown, "tailoredSupport"), values(shown, "activationLevel")) == ([tailored], [1])


@pytest.mark.requirement("EHCH-038")
async def test_a_residents_plan_takes_up_the_assessment_already_made_and_is_owned_by_the_network(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    made = await practice.create(response("holistic-assessment", here.person, "completed", *findings(*DOMAINS)))
    reference = {"reference": f"QuestionnaireResponse/{made['id']}"}
    await admit(practice, here.person, "2020-06-30")
    plan = await plan_of(practice, here.person)
    assert reference in plan["supportingInfo"]
    assert plan["author"] == here.reference("network")
    shown = await practice.call("GET", f"CarePlan/{plan['id']}/$agreement")
    assert values(shown, "assessment") == [reference]
    assert values(shown, "owner") == [here.reference("network")]
    [held] = await practice.search(f"QuestionnaireResponse?patient=Patient/{here.person}")
    assert held["id"] == made["id"], "linked, and not made again"
    assert things(await quality(practice, plan["id"]))["assessment"]["present"] is True

    # a plan of the practice's own for another resident, that names the assessment itself
    other = here.client(http, "other")
    earlier = await other.create(response("holistic-assessment", here.neighbour, "completed", *findings(*DOMAINS)))
    linked = [{"reference": f"QuestionnaireResponse/{earlier['id']}"}]
    own = await new_plan(other, here.neighbour, supportingInfo=linked)
    shown = await other.call("GET", f"CarePlan/{own['id']}/$agreement")
    assert (values(shown, "assessment"), values(shown, "owner")) == (linked, [here.reference("other")])


async def test_a_draft_is_agreed_later_with_what_is_still_missing_shown(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    plan = (await new_plan(practice, here.person))["id"]
    shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
    assert values(shown, "agreed") == [False]
    assert ["PC-001" in text for text in values(shown, "refused")] == [True]
    assert set(values(shown, "refused")) < set(values(shown, "missing"))
    await own_goal(practice, here.person)
    await move(practice, plan, "active")
    shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
    assert (values(shown, "agreed"), values(shown, "complete"), values(shown, "refused")) == ([True], [False], [])
    assert values(shown, "agreedAt")
    assert "contingency" in missing(await quality(practice, plan))
