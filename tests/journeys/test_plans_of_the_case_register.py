"""Plans of people on the case register of the Doncaster specification: asked for, agreed, complete, reviewed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.case_register import CaseRegister, case_register_of_new_practice
from tandem_tests.listed_people import group_of, parameters
from tandem_tests.network_area import parameters as body
from tandem_tests.network_area import part, values
from tandem_tests.questionnaire_responses import DOMAINS, coding, findings, item, response
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import AGREED, missing, move, new_plan, own_goal, quality, refused, say, things

LIST = "complex-and-frail"
NURSE = "Practitioner/community-matron"


@pytest.fixture
async def register(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> CaseRegister:
    return await case_register_of_new_practice(http, embedded)


async def entered(register: CaseRegister) -> str:
    """Somebody whom the practice put on its register."""
    person = await register.lists.register("1940-01-01")
    await register.enter(person)
    await register.lists.client.caught_up()
    return person


async def without_plan(client: FhirClient, query: str = "") -> list[str]:
    """The people on the register without an active plan."""
    await client.caught_up()
    shown = await client.call("GET", f"CarePlan/$without-plan{query}")
    people = values(shown, "person")
    assert values(shown, "total") == [len(people)]
    return [values(each, "patient")[0]["reference"].removeprefix("Patient/") for each in people]


async def agreed(client: FhirClient, person: str) -> str:
    """An active plan of somebody on the register: its id."""
    plan = str((await new_plan(client, person))["id"])
    await own_goal(client, person)
    await say(client, plan, person, *AGREED)
    await move(client, plan, "active")
    return plan


@pytest.mark.requirement("PCPC-032")
async def test_who_has_no_active_plan_is_listed_until_there_is_one(register: CaseRegister) -> None:
    practice = register.lists.client
    person, other = await entered(register), await entered(register)
    assert sorted(await without_plan(practice)) == sorted((person, other))
    plan = (await new_plan(practice, person))["id"]
    assert person in await without_plan(practice), "a draft is none yet"
    await own_goal(practice, person)
    await say(practice, plan, person, *AGREED)
    await move(practice, plan, "active")
    assert await without_plan(practice) == [other]
    here = register.lists.here
    assert await without_plan(register.client("network"), f"?practice={here.codes['practice']}") == [other]
    assert await without_plan(register.client("other")) == []
    assert person not in await without_plan(practice, f"?list={LIST}")

    await register.post("practice", "case-register-entry", part(
        "entry", part("patient", valueReference={"reference": f"Patient/{other}"}),
        part("decision", valueCode="remove"), part("reason", valueString="Recovered"),
    ))  # fmt: skip
    assert await without_plan(practice) == []


@pytest.mark.requirement("PCPC-050")
async def test_somebody_is_invited_answers_and_has_one_plan(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    group = await group_of(practice, LIST)

    async def post(operation: str, **asked: str) -> dict[str, list[Any]]:
        sent = body(part("patient", valueString=f"Patient/{person}"),
                    *(part(name, valueString=value) for name, value in asked.items()))  # fmt: skip
        found = parameters(await practice.call("POST", f"{group}/${operation}", sent))
        await practice.caught_up()
        return found

    [invitation] = (await post("invite"))["invitation"]
    letter = invitation["communication"][0]["reference"]
    held = await practice.read(letter)
    assert held["topic"]["text"] == "Holistic care planning"
    sent = body(part("settled", valueString="Telephone number written in by hand"))
    await practice.call("POST", f"{letter}/$sent", sent)
    await practice.caught_up()
    await post("record-response", response="accepted", date="2020-07-01")
    offers = parameters(await practice.call("GET", f"{group}/$offers"))
    assert offers["accepted"] == [1]

    plan = await agreed(practice, person)
    second = (await new_plan(practice, person))["id"]
    await say(practice, second, person, *AGREED)
    [said] = await refused(practice, second)
    assert "active shared plan already" in said
    assert "003 §2.4 b4; PCPC-050" in said
    [active] = await practice.search(f"CarePlan?patient=Patient/{person}&status=active")
    assert active["id"] == plan


@pytest.mark.on_six_processes
async def test_of_two_plans_agreed_at_once_one_stays(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    await own_goal(practice, person)
    plans = [(await new_plan(practice, person))["id"] for _ in range(4)]
    for plan in plans:
        await say(practice, plan, person, *AGREED)
    outcomes = await asyncio.gather(*(move(practice, plan, "active") for plan in plans), return_exceptions=True)
    lost = [each for each in outcomes if isinstance(each, Refused)]
    assert {each.status for each in lost} <= {422, 409}
    assert len(lost) == 3
    assert len(await practice.search(f"CarePlan?patient=Patient/{person}&status=active")) == 1


@pytest.mark.requirement("PCPC-065")
@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("agreement", "The person's agreement is not recorded"), ("health-needs", "health needs are not recorded"),
        ("social-needs", "social needs are not recorded"),
    ],
)  # fmt: skip
async def test_a_plan_is_negotiated_to_meet_health_and_social_needs(
    register: CaseRegister, left_out: str, words: str
) -> None:
    practice, person = register.lists.client, await entered(register)
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    await say(practice, plan, person, *(each for each in AGREED if each["linkId"] != left_out))
    [said] = await refused(practice, plan)
    assert words in said
    assert "003 §2.5 plan b1; PCPC-065" in said
    await say(practice, plan, person, *(each for each in AGREED if each["linkId"] == left_out))
    assert (await move(practice, plan, "active"))["status"] == "active"


async def test_an_agreement_that_the_person_took_back_is_none(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    await say(practice, plan, person, *AGREED, authored="2020-06-29T10:00:00Z")
    await say(practice, plan, person, item("agreement", False), authored="2020-06-30T10:00:00Z")
    [said] = await refused(practice, plan)
    assert "agreement is not recorded" in said


async def test_who_is_only_proposed_for_the_register_is_not_held_to_it(register: CaseRegister) -> None:
    practice, person = register.lists.client, await register.lists.register("1940-01-01")
    await register.lists.observe(person, ("925861000000102", "Severe frailty"))
    assert person in await register.lists.listed(LIST)
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    # frailty puts her on the anticipatory care list, whose plans have a responsible lead
    [said] = await refused(practice, plan)
    assert "AC-048" in said
    shown = await quality(practice, plan)
    assert [values(each, "code")[0] for each in values(shown, "programme")] == ["PC", "AC"]


@pytest.mark.requirement("PCPC-069")
async def test_the_forum_of_the_plan_is_recorded_and_returned(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    await say(practice, plan, person, *(each for each in AGREED if each["linkId"] != "forum"))
    [said] = await refused(practice, plan)
    assert "in which forum" in said
    assert "003 §2.5 plan b5; PCPC-069" in said
    await say(practice, plan, person, item("forum", coding("mdt-meeting")))
    await move(practice, plan, "active")
    shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
    assert values(shown, "forum") == ["In a meeting of the multidisciplinary team"]


@pytest.mark.requirement("PCPC-066")
async def test_assessments_of_one_profession_leave_the_plan_incomplete_until_another_agencys_is_linked(
    register: CaseRegister, http: httpx.AsyncClient
) -> None:
    practice, person = register.lists.client, await entered(register)
    here = register.lists.here
    plan = await agreed(practice, person)
    based = {"basedOn": [{"reference": f"CarePlan/{plan}"}]}
    for _ in range(2):
        await practice.create(response("holistic-assessment", person, "completed", *findings(*DOMAINS), **based))

    async def lacking() -> list[str]:
        shown = await practice.call("GET", f"CarePlan/{plan}/$agreement")
        assert values(shown, "agreed") == [True]
        assert values(shown, "complete") == [False]
        return [text for text in values(shown, "missing") if "PCPC-066" in text]

    [said] = await lacking()
    assert "one agency only" in said
    await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{person}"},
        "participant": [{"member": here.reference("community")}],
    })  # fmt: skip
    community = here.client(http, "community")
    await practice.caught_up()
    made = await community.create(response("falls-assessment", person, "in-progress", **based))
    assert len(await lacking()) == 1, "not before it is completed"
    found = (item("falls-last-year", 2), item("risk", coding("high")), item("risk-factors", "Loose rugs"),
             item("actions", "Rugs go"))  # fmt: skip
    made |= {"status": "completed", "item": list(found)}
    await community.call("PUT", f"QuestionnaireResponse/{made['id']}", made)
    assert await lacking() == []
    assert things(await quality(practice, plan))["multi-agency-assessment"]["present"] is True


@pytest.mark.requirement("PCPC-080")
async def test_a_plan_is_checked_against_the_guidance(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    plan = (await new_plan(practice, person))["id"]
    shown = await quality(practice, plan)
    [empty] = values(shown, "score")
    assert empty == 0
    assert values(shown, "checklist") == ["1"]
    assert missing(shown) >= {"what-matters", "about-me", "health-needs", "forum", "contingency", "review-date"}
    assert things(shown)["contingency"]["missing"].startswith("Nothing says what to do when things get worse")

    await own_goal(practice, person)
    await say(practice, plan, person, *AGREED, item("about-me", "I was a miner for thirty years"))
    better = await quality(practice, plan)
    total = len(values(better, "thing"))
    present = total - len(missing(better))
    assert values(better, "score") == [present * 100 // total]
    assert values(better, "complete") == [False]
    assert "about-me" not in missing(better)
    assert "contingency" in missing(better)
    codes = {values(each, "code")[0] for each in values(better, "programme")}
    assert codes == {"PC", "PCPC"}

    await move(practice, plan, "active")
    listed = await practice.call("GET", "CarePlan/$quality?list=case-register")
    [row] = values(listed, "plan")
    assert values(row, "plan") == [{"reference": f"CarePlan/{plan}"}]
    assert values(row, "score") == values(await quality(practice, plan), "score")
    assert values(row, "missing") == sorted(missing(better), key=values(row, "missing").index)
    other = await register.client("other").call("GET", "CarePlan/$quality")
    assert values(other, "plan") == [], "of nobody else's people"


@pytest.mark.requirement("PCPC-055")
async def test_each_review_updates_progress_and_sets_another_while_needs_are_complex(register: CaseRegister) -> None:
    practice, person = register.lists.client, await entered(register)
    plan = await agreed(practice, person)
    goal = await own_goal(practice, person, "To walk to the allotment")
    await say(practice, plan, person, item("self-management", "A diary of steps, and a coach who rings on Mondays"))
    shown = things(await quality(practice, plan))
    assert shown["goals-in-own-words"]["present"] is True
    assert shown["self-management"]["present"] is True

    async def review(*goals: dict[str, Any], **more: Any) -> Resource:
        why, who = part("reason", valueString="More breathless"), part("reviewer", valueReference={"reference": NURSE})
        sent = [why, who]
        sent += [part(name, valueDate=value) for name, value in more.items()]
        return await practice.call("POST", f"CarePlan/{plan}/$review", body(*sent, *goals))

    def progress(achievement: str) -> dict[str, Any]:
        named = part("goal", valueReference={"reference": f"Goal/{goal['id']}"})
        note = part("note", valueString="Reached the gate")
        return part("goal", named, part("achievement", valueCode=achievement), note)

    with pytest.raises(Refused) as refusal:
        await review()
    assert "003 §2.4 b7; PCPC-055" in refusal.value.text
    before = await practice.read(f"CarePlan/{plan}")
    after = await review(progress("improving"))
    assert int(after["meta"]["versionId"]) > int(before["meta"]["versionId"])
    moved = await practice.read(f"Goal/{goal['id']}")
    assert moved["achievementStatus"]["coding"][0]["code"] == "improving"
    assert moved["note"][0]["text"] == "Reached the gate"

    async def following() -> list[str]:
        return values(await practice.call("GET", f"CarePlan/{plan}/$agreement"), "nextReview")

    assert await following() == ["2020-10-01"], "three months on, because needs are complex"
    await review(progress("achieved"), next="2020-08-01")
    assert await following() == ["2020-08-01"]
    with pytest.raises(Refused) as refusal:
        await review(progress("achieved"), next="2020-11-01")
    assert "within 3 months" in refusal.value.text

    await register.post("practice", "case-register-entry", part(
        "entry", part("patient", valueReference={"reference": f"Patient/{person}"}),
        part("decision", valueCode="remove"), part("reason", valueString="Needs are no longer complex"),
    ))  # fmt: skip
    await practice.caught_up()
    await review()
    assert await following() == ["2021-07-01"], "yearly as any plan"
