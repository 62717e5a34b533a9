"""A structured medication review from its first appointment to its follow-up (000 §2.1, §2.11, §2.12, §2.15)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.canonical import MEDICATION_REVIEW, REVIEW_FOLLOW_UP, SNOMED_CT
from tandem.demo.client import Refused, eventually
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem_tests.medication_reviews import (
    AMLODIPINE,
    IBUPROFEN,
    POLYPHARMACY,
    RAMIPRIL,
    REVIEW,
    Reviews,
    decision,
    medicines,
    new_reviews,
    told,
)
from tandem_tests.neighbourhood import admit, plan_of
from tandem_tests.network_area import part, values
from tandem_tests.questionnaire_responses import item
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def reviews(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Reviews:
    """A practice whose network may review."""
    return await new_reviews(http, embedded)


async def person_with_three_sources(reviews: Reviews) -> tuple[str, str]:
    """Somebody with a medicine on prescription, one over the counter and one from hospital.

    The Patient's id, and the reference of the statement about what is bought over the counter.
    """
    patient = await reviews.lists.register("1940-01-01")
    await reviews.lists.prescribe(patient, AMLODIPINE)
    bought = await reviews.state(patient, IBUPROFEN, "patientspecified")
    await reviews.state(patient, RAMIPRIL, "inpatient")
    return patient, f"MedicationStatement/{bought['id']}"


def activities(plan: Resource) -> list[tuple[str, str | None]]:
    """Status of each activity written out in a plan, with the day it is scheduled for."""
    details = [each["detail"] for each in plan.get("activity") or () if "detail" in each]
    return [(each["status"], each.get("scheduledPeriod", {}).get("start")) for each in details]


@pytest.mark.on_six_processes
@pytest.mark.requirement("SMR-001", "SMR-021")
async def test_every_medicine_appears_and_one_left_undecided_or_no_shared_decision_is_refused(reviews: Reviews) -> None:
    patient, bought = await person_with_three_sources(reviews)
    review = await reviews.start(patient)
    shown = medicines(await reviews.shown(review))
    assert {name: values(each, "source") for name, each in shown.items()} == {
        AMLODIPINE[1]: ["prescribed"], IBUPROFEN[1]: ["over-the-counter"], RAMIPRIL[1]: ["hospital"],
    }  # fmt: skip
    [listed] = [each for each in review["section"] if each["title"] == "Medicines"]
    assert {each["title"] for each in listed["section"]} == set(shown)

    await reviews.steps(review)
    await reviews.decide(review, decision(AMLODIPINE, "continue"), decision(RAMIPRIL, "continue"))
    faults = await reviews.refused(review)
    [undecided] = [each for each in faults if "SMR-001" in each]
    assert undecided.startswith(bought)
    assert IBUPROFEN[1] not in " ".join(faults), "an error tells nothing about the person"
    assert any(IBUPROFEN[1] in each for each in values(await reviews.shown(review), "missing"))
    assert any("shared-decision" in each for each in faults)

    await reviews.decide(review, decision(IBUPROFEN, "stop", "It harms the kidneys together with ramipril"))
    assert ["shared-decision" in each for each in await reviews.refused(review)] == [True]
    await reviews.shared_decision(review)
    assert (await reviews.complete(review))["status"] == "final"

    current = await reviews.practice.search(f"MedicationStatement/$current?patient=Patient/{patient}")
    assert IBUPROFEN[0] not in str(current)
    [stopped] = await reviews.practice.search(f"MedicationStatement?patient=Patient/{patient}&status=stopped")
    assert stopped["statusReason"] == [{"text": "It harms the kidneys together with ramipril"}]


async def test_plain_fhir_is_held_to_the_same_rules(reviews: Reviews) -> None:
    patient, _ = await person_with_three_sources(reviews)
    review = await reviews.start(patient)
    path = f"Composition/{review['id']}"
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call("PUT", path, {**review, "status": "final"})
    assert len([each for each in told(refusal) if "SMR-001" in each]) == 3
    with pytest.raises(Refused) as refusal:
        await reviews.practice.create({**review, "status": "final"})
    assert "preliminary" in told(refusal)[0]
    with pytest.raises(Refused) as refusal:
        await reviews.practice.create({name: value for name, value in review.items() if name != "section"})
    assert "not completed" in told(refusal)[0]

    rows = [decision(each, "continue") for each in (AMLODIPINE, IBUPROFEN, RAMIPRIL)]
    await reviews.decide(review, *rows)
    await reviews.all_but_medicines(review)
    held = await reviews.practice.read(path)
    on = {"url": REVIEW_FOLLOW_UP, "extension": [
        {"url": "on", "valueDate": "2020-09-01"},
    ]}  # fmt: skip
    follow_up = {
        "title": "Follow-up", "extension": [on],
        "code": {"coding": [{"system": MEDICATION_REVIEW, "code": "follow-up"}]},
        "text": review["section"][0].get("text") or held["section"][1]["text"],
    }  # fmt: skip
    done = await reviews.practice.call("PUT", path, {
        **held, "status": "final", "section": [*held["section"], follow_up],
    })  # fmt: skip
    assert done["status"] == "final"
    assert values(await reviews.shown(review), "followUp") == ["2020-09-01"]
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call("PUT", path, {**done, "status": "preliminary"})
    assert "cannot go from 'final'" in told(refusal)[0]
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call("PUT", path, {**done, "section": done["section"][:1]})
    assert "amended" in told(refusal)[0]


@pytest.mark.requirement("SMR-024")
async def test_a_shared_decision_and_a_referral_belong_to_the_review_and_no_decision_blocks_it(
    reviews: Reviews,
) -> None:
    patient = await reviews.lists.register("1940-01-01")
    await reviews.lists.prescribe(patient, AMLODIPINE)
    review = await reviews.start(patient)
    await reviews.decide(review, decision(AMLODIPINE, "continue"))
    await reviews.steps(review)
    process = await reviews.process(review)
    talk = (
        item("options", "Go on", "Try without"), item("preferences", "To be less dizzy"), item("advice", "Rise slowly"),
        item("no-tool-reason", "No tool exists for dizziness"),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await reviews.shared_decision(review, *talk)
    assert "'decision'" in " ".join(told(refusal))
    begun = await reviews.shared_decision(review, *talk, status="in-progress")
    assert any("SMR-024" in each for each in await reviews.refused(review))

    referral = await reviews.practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": review["subject"],
        "code": {"text": "Falls clinic"}, "basedOn": [{"reference": process}], "authoredOn": "2020-07-01",
        "performer": [reviews.here.reference("community")],
    })  # fmt: skip
    finished = {
        **begun, "status": "completed", "item": [
            *begun["item"], item("decision", "To try without for four weeks"),
            {"linkId": "onward-referral", "answer": [
                {"valueReference": {"reference": f"ServiceRequest/{referral['id']}"}}
            ]},
        ],
    }  # fmt: skip
    await reviews.practice.call("PUT", f"QuestionnaireResponse/{begun['id']}", finished)

    async def referrals() -> list[Any]:
        return values(await reviews.shown(review), "referral")

    [shown] = await eventually(referrals, reviews.practice.caught_up)
    assert values(shown, "reference") == [{"reference": f"ServiceRequest/{referral['id']}"}]
    [talked] = values(await reviews.shown(review), "sharedDecision")
    assert values(talked, "option") == ["Go on", "Try without"]
    assert values(talked, "preference") == ["To be less dizzy"]
    assert values(talked, "decision") == ["To try without for four weeks"]
    assert values(talked, "advice") == ["Rise slowly"]
    done = await reviews.complete(review)
    [section] = [each for each in done["section"] if each["title"] == "Onward referrals"]
    assert section["entry"] == [{"reference": f"ServiceRequest/{referral['id']}"}]


@pytest.mark.requirement("SMR-026")
async def test_the_process_stays_open_with_a_dated_follow_up_and_the_next_episode_attaches(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    first = await reviews.start(patient)
    assert (await reviews.start(patient))["id"] == first["id"], "the appointment under way goes on"
    process = await reviews.process(first)
    held = await reviews.practice.read(process)
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call(
            "PUT", process, {**held, "status": "completed"}, If_Match=f'W/"{held["meta"]["versionId"]}"'
        )
    assert "not completed" in told(refusal)[0]
    await reviews.all_but_medicines(first)
    assert any("SMR-026" in each for each in await reviews.refused(first, end={"valueString": " "}))
    await reviews.complete(first)
    held = await reviews.practice.read(process)
    assert held["status"] == "active"
    assert activities(held) == [("completed", None), ("scheduled", "2020-10-01")]
    assert {each["id"] for each in await reviews.practice.search("CarePlan?activity-date=2020-10-01")} >= {held["id"]}

    second = await reviews.start(patient)
    assert second["id"] != first["id"]
    assert await reviews.process(second) == process
    assert second["category"][0]["coding"][0]["code"] == "follow-up-review"
    assert activities(await reviews.practice.read(process)) == [("completed", None), ("in-progress", "2020-10-01")]
    entries = await reviews.practice.search(f"Composition?entry={process}")
    assert {each["id"] for each in entries} == {first["id"], second["id"]}

    await reviews.all_but_medicines(second)
    await reviews.complete(second, end={"valueString": "All is well, and the practice reviews once a year"})
    ended = await reviews.practice.read(process)
    assert ended["status"] == "completed"
    third = await reviews.start(patient)
    assert await reviews.process(third) != process


@pytest.mark.requirement("SMR-036")
async def test_a_review_and_its_follow_up_go_by_the_version_of_the_guidance_and_no_step_is_skipped(
    reviews: Reviews,
) -> None:
    patient = await reviews.lists.register("1940-01-01")
    review = await reviews.start(patient)
    await reviews.all_but_medicines(review, "monitoring")
    shown = await reviews.shown(review)
    assert values(shown, "guidanceVersion") == [1]
    left = [
        values(each, "code")[0] for each in values(shown, "step")
        if values(each, "mandatory") == [True] and values(each, "done") == [False]
    ]  # fmt: skip
    assert left == ["monitoring", "follow-up"]
    [fault] = await reviews.refused(review)
    assert "monitoring" in fault
    await reviews.decide(review, part("step", part("code", valueString="monitoring"), part("note", valueString="Due")))
    await reviews.complete(review)

    following = await reviews.start(patient)
    await reviews.all_but_medicines(following, "monitoring", "adherence", "what-matters")
    [fault] = await reviews.refused(following)
    assert "adherence" in fault, "what is mandatory differs at a follow-up"
    await reviews.decide(following, part("step", part("code", valueString="adherence")))
    assert (await reviews.complete(following))["status"] == "final"


@pytest.mark.requirement("SMR-038")
async def test_the_tool_shows_on_the_review_and_using_none_has_a_reason(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    review = await reviews.start(patient)
    await reviews.steps(review)
    talk = (item("options", "Stop", "Go on"), item("preferences", "Fewer tablets"), item("decision", "To go on"))
    with pytest.raises(Refused) as refusal:
        await reviews.shared_decision(review, *talk)
    assert "no-tool-reason" in " ".join(told(refusal))
    assert any("SMR-024" in each for each in await reviews.refused(review))
    used = (item("tool-name", "STOPP/START"), item("tool-version", "2"), item("tool-result", "Two medicines to stop"))
    await reviews.shared_decision(review, *talk, *used)
    [talked] = values(await reviews.shown(review), "sharedDecision")
    assert values(talked, "tool") == ["STOPP/START"]
    assert values(talked, "toolVersion") == ["2"]
    assert values(talked, "toolResult") == ["Two medicines to stop"]
    done = await reviews.complete(review)
    [section] = [each for each in done["section"] if each["title"] == "Decisions made together"]
    assert "STOPP/START, version 2" in section["text"]["div"]


@pytest.mark.requirement("SMR-039")
async def test_a_review_without_a_coded_reason_is_refused_and_with_one_it_is_found_and_filed(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    for reasons in ((), ({"system": "https://elsewhere.example/codes", "code": "1"},)):
        with pytest.raises(Refused) as refusal:
            await reviews.start(patient, reasons=reasons)
        assert refusal.value.status == 422
        assert "SMR-039" in told(refusal)[0]
    assert await reviews.practice.search(f"Composition?patient=Patient/{patient}") == []
    review = await reviews.start(patient)
    bare = [{**review["event"][0], "code": [{"text": "Many medicines"}]}]
    with pytest.raises(Refused) as refusal:
        await reviews.practice.call("PUT", f"Composition/{review['id']}", {**review, "event": bare})
    assert "SMR-039" in told(refusal)[0]

    query = f"Composition?context={SNOMED_CT}%7C{POLYPHARMACY['code']}&patient=Patient/{patient}"
    assert [each["id"] for each in await reviews.practice.search(query)] == [review["id"]]
    await reviews.all_but_medicines(review)
    await reviews.complete(review)

    async def filed() -> list[Resource]:
        return await reviews.practice.search(f"Procedure?patient=Patient/{patient}&code={REVIEW}")

    [procedure] = await eventually(filed, reviews.practice.caught_up)
    assert {each["code"] for each in procedure["code"]["coding"]} == {REVIEW, "1127441000000107"}
    assert procedure["reasonCode"][0]["coding"] == [POLYPHARMACY]
    assert procedure["performer"] == [{"actor": {"reference": reviews.pharmacist}}]

    held = await reviews.practice.read(f"Composition/{review['id']}")
    await reviews.practice.call("PUT", f"Composition/{review['id']}", {**held, "status": "entered-in-error"})

    async def withdrawn() -> bool:
        return bool((await filed())[0]["status"] == "entered-in-error")

    assert await eventually(withdrawn, reviews.practice.caught_up)


@pytest.mark.requirement("EHCH-050")
async def test_the_review_of_a_resident_goes_by_the_rules_and_shows_on_her_plan(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1934-04-12")
    await admit(reviews.practice, patient, "2020-06-29")
    [order] = await reviews.lists.prescribe(patient, AMLODIPINE)

    plan = await plan_of(reviews.practice, patient)
    review = await reviews.start(patient)
    process = (await reviews.process(review)).removeprefix("CarePlan/")

    async def on_plan() -> tuple[str, list[str]]:
        held = await reviews.practice.read(f"CarePlan/{plan['id']}")
        [found] = [
            each for each in held.get("activity", ()) if process in target_ids(each.get("outcomeReference"), "CarePlan")
        ]
        assert found["detail"]["code"]["coding"][0]["code"] == REVIEW
        return found["detail"]["status"], target_ids(found["outcomeReference"], "Composition")

    assert await on_plan() == ("in-progress", [review["id"]])
    await reviews.all_but_medicines(review)
    assert any(each.startswith(order) for each in await reviews.refused(review))
    await reviews.decide(review, decision(AMLODIPINE, "change", "Swollen ankles", dosage="Half a tablet each day"))
    await reviews.complete(review, end={"valueString": "The home round follows it up"})
    assert await on_plan() == ("completed", [review["id"]])


async def test_a_request_shows_when_the_review_begins(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    request = await reviews.practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{patient}"}, "authoredOn": "2020-06-30",
        "code": {"coding": [{"system": SNOMED_CT, "code": REVIEW}]}, "reasonCode": [{"text": "Two falls"}],
    })  # fmt: skip
    await reviews.practice.caught_up()
    review = await reviews.start(patient)
    [section] = [each for each in review["section"] if each["title"] == "Asked for by"]
    assert section["entry"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert values(await reviews.shown(review), "request") == section["entry"]


async def test_beginning_several_times_at_once_makes_one_episode(reviews: Reviews) -> None:
    patient = await person_with_three_sources(reviews)
    begun = await asyncio.gather(*(reviews.start(patient[0]) for _ in range(6)))
    assert len({each["id"] for each in begun}) == 1
    [process] = await reviews.practice.search(f"CarePlan?patient=Patient/{patient[0]}&category={REVIEW}")
    assert len(process["activity"]) == 1
