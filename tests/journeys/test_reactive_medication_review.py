"""A structured medication review that somebody asks for: guidance, triage, the list, the review and its outcome."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import MEDICATION_REVIEW_TRIGGER, REFERRAL_KIND, SNOMED_CT
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.medication_reviews import REVIEW, Reviews, new_reviews
from tandem_tests.network_area import values
from tandem_tests.referrals import answer, loop, task_of
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import new_plan

GUIDANCE = "https://tandem.example/fhir/PlanDefinition/reactive-medication-review|2020.1"
FIELDS = {
    "what": "code", "reason": "reasonCode", "trigger": "extension", "urgency": "priority", "referrer": "requester",
}  # fmt: skip


@pytest.fixture
async def reviews(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Reviews:
    """A practice whose network has a pharmacist."""
    return await new_reviews(http, embedded)


def reactive(reviews: Reviews, **more: Any) -> Resource:
    """A complete referral of the practice to its network; what is None is left out."""
    whole = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "urgent",
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "medication-review"}]}],
        "code": {"coding": [{"system": SNOMED_CT, "code": REVIEW}]}, "subject": reviews.here.subject,
        "requester": reviews.here.reference("practice"), "performer": [reviews.here.reference("network")],
        "reasonCode": [{"text": "Dizzy since the new tablet"}],
        "extension": [{"url": MEDICATION_REVIEW_TRIGGER, "valueCode": "adverse-reaction"}], **more,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


async def lists(client: FhirClient, person: str) -> dict[str, Resource]:
    """The medication review lists that a person is on, by cohort."""
    await client.caught_up()
    shown = await client.call("GET", f"Patient/{person}/$cohorts")
    found = {values(each, "cohort")[0]["code"]: each for each in values(shown, "membership")}
    return {name: each for name, each in found.items() if name == "smr-reactive"}


@pytest.mark.requirement("SMR-018")
@pytest.mark.on_six_processes
async def test_a_referral_is_triaged_and_once_accepted_the_person_is_on_the_list_as_reactive(reviews: Reviews) -> None:
    practice, network = reviews.practice, reviews.here.client(reviews.http, "network")
    person = reviews.here.person
    request = await practice.create(reactive(reviews))
    task = await task_of(network, request)
    assert await lists(practice, person) == {}
    await answer(network, task, "received")
    assert values(await loop(practice, request), "received"), "it was looked at"
    assert await lists(practice, person) == {}, "and is not accepted yet"
    await answer(network, task, "accepted")
    listed = (await lists(practice, person))["smr-reactive"]
    assert (values(listed, "service"), values(listed, "since")) == (["SMR"], ["2020-07-01"])
    (group,) = await practice.search("Group?code=smr-reactive")
    members = await practice.read(f"Group/{group['id']}/$members")
    assert [each["entity"]["reference"] for each in members["member"]] == [f"Patient/{person}"]
    assert f"Task/{task['id']}" in str(members["member"][0])

    await answer(network, task, "in-progress", "completed")
    assert await lists(practice, person) == {}, "the review was done"


async def test_who_was_turned_down_is_not_on_the_list(reviews: Reviews) -> None:
    practice, network = reviews.practice, reviews.here.client(reviews.http, "network")
    request = await practice.create(reactive(reviews))
    task = await task_of(network, request)
    await answer(network, task, "received", "rejected", statusReason={"text": "Reviewed last week"})
    assert await lists(practice, reviews.here.person) == {}


@pytest.mark.requirement("SMR-032")
async def test_a_referral_without_the_fields_is_refused_and_a_complete_one_cites_the_guidance(reviews: Reviews) -> None:
    practice = reviews.practice
    with pytest.raises(Refused) as caught:
        await practice.create(reactive(reviews, **dict.fromkeys(FIELDS.values())))
    assert caught.value.status == 422
    told = {issue["expression"][0]: issue["details"]["text"] for issue in caught.value.outcome["issue"]}
    assert set(told) == {f"ServiceRequest.{element}" for element in FIELDS.values()}
    for name, element in FIELDS.items():
        assert f"says {name}," in told[f"ServiceRequest.{element}"]
        assert "000 §2.9, §2.15 b3; guidance 2020.1" in told[f"ServiceRequest.{element}"]
    assert await practice.search(f"ServiceRequest?patient=Patient/{reviews.here.person}") == []

    made = await practice.create(reactive(reviews))
    held = await practice.read(f"ServiceRequest/{made['id']}")
    assert held["instantiatesCanonical"] == [GUIDANCE]
    with pytest.raises(Refused):
        await practice.create(reactive(reviews, instantiatesCanonical=[GUIDANCE.replace("2020.1", "1815")]))
    bare = reactive(reviews, **dict.fromkeys(["category", "reasonCode", "extension", "priority", "requester"]))
    record = await practice.create(bare)
    assert "instantiatesCanonical" not in await practice.read(f"ServiceRequest/{record['id']}"), "a loaded record"


@pytest.mark.requirement("AC-049")
async def test_a_review_asked_for_from_a_plan_puts_the_person_on_the_list_and_returns_to_the_plan(
    reviews: Reviews,
) -> None:
    practice, network = reviews.practice, reviews.here.client(reviews.http, "network")
    person = reviews.here.person
    plan = await new_plan(practice, person)
    polypharmacy = {"url": MEDICATION_REVIEW_TRIGGER, "valueCode": "problematic-polypharmacy"}
    request = await practice.create(
        reactive(reviews, basedOn=[{"reference": f"CarePlan/{plan['id']}"}], extension=[polypharmacy])
    )
    await answer(network, await task_of(network, request), "accepted")
    assert set(await lists(practice, person)) == {"smr-reactive"}

    review = await reviews.start(person)
    await reviews.all_but_medicines(review)
    await reviews.complete(review)
    await practice.caught_up()
    assert (await practice.read(f"ServiceRequest/{request['id']}"))["status"] == "completed"
    assert await lists(practice, person) == {}
    process = await reviews.process(review)
    shown = {
        (each.get("reference") or {}).get("reference") or str(each.get("outcomeReference")): each
        for each in (await practice.read(f"CarePlan/{plan['id']}"))["activity"]
    }
    asked = shown[f"ServiceRequest/{request['id']}"]
    assert [note["text"] for note in asked["progress"]] == ["ServiceRequest completed"]
    (reviewed,) = [each for name, each in shown.items() if f"Composition/{review['id']}" in str(each)]
    assert reviewed, process
