"""Social prescribing and other offers, from the offer to the closed case; carers; a legal right to choose."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.canonical import (
    OFFER_ANSWER,
    REFERRAL_KIND,
    REFERRAL_SOURCE,
    RIGHT_TO_CHOOSE,
    SNOMED_CT,
    SOCIAL_PRESCRIBING_OUTPUT,
    SOURCE_OF_REQUEST,
    SUPPORT_OFFER,
)
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import new_plan

CARER = {"system": SNOMED_CT, "code": "407542009", "display": "Informal caregiver"}


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    return await settle_in(http, embedded)


def request(here: Neighbourhood, kind: str, *, intent: str = "order", **more: Any) -> Resource:
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": intent, "subject": here.subject,
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}], "authoredOn": "2020-06-20",
        "requester": here.reference("practice"), **more,
    }  # fmt: skip


def output(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"system": SOCIAL_PRESCRIBING_OUTPUT, "code": kind}]}, **value}


async def moved(
    client: FhirClient, task: Resource, *statuses: str, outputs: list[dict[str, Any]] | None = None
) -> None:
    for status in statuses:
        changes: list[dict[str, Any]] = [{"op": "replace", "path": "/status", "value": status}]
        if outputs and status == statuses[-1]:
            changes.append({"op": "add", "path": "/output", "value": outputs})
        await client.patch(f"Task/{task['id']}", changes)
    await client.caught_up()


async def task_for(client: FhirClient, referral: str) -> Resource:
    await client.caught_up()
    (task,) = await client.search(f"Task?focus={referral}&code=fulfill")
    return task


async def activation(client: FhirClient, here: Neighbourhood, authored: str, score: float, level: int) -> None:
    await client.create({
        "resourceType": "QuestionnaireResponse", "status": "completed", "authored": authored, "subject": here.subject,
        "questionnaire": "https://tandem.example/fhir/Questionnaire/patient-activation-measure",
        "item": [
            {"linkId": "score", "answer": [{"valueDecimal": score}]},
            {"linkId": "level", "answer": [{"valueInteger": level}]},
            {"linkId": "licence", "answer": [{"valueString": "Network licence"}]},
        ],
    })  # fmt: skip


def values(answer: Resource, name: str) -> list[Any]:
    found = []
    for each in answer["parameter"]:
        if each["name"] == name:
            inner = {part["name"]: next(v for k, v in part.items() if k != "name") for part in each.get("part", ())}
            found.append(inner or next(v for k, v in each.items() if k != "name"))
    return found


@pytest.mark.requirement("AC-050")
async def test_a_referral_is_accepted_an_asset_chosen_an_outcome_recorded_and_all_is_on_the_plan(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, worker = here.client(http, "practice"), here.client(http, "community")
    plan = await new_plan(practice, here.person)
    asset = await worker.create({
        "resourceType": "HealthcareService", "active": True, "name": "Tuesday lunch club",
        "providedBy": here.reference("community"),
        "type": [{"coding": [{"system": SUPPORT_OFFER, "code": "social-prescribing"}]}],
    })  # fmt: skip
    await activation(practice, here, "2020-06-19", 45.5, 1)
    made = await practice.create(request(
        here, "social-prescribing", performer=[here.reference("community")],
        basedOn=[{"reference": f"CarePlan/{plan['id']}"}], code={"text": "Company at lunch"},
    ))  # fmt: skip
    referral = f"ServiceRequest/{made['id']}"
    task = await task_for(worker, referral)
    await moved(worker, task, "accepted", "in-progress", "completed", outputs=[
        output("contact", valueDateTime="2020-06-22T10:00:00+01:00"),
        output("contact", valueDateTime="2020-06-29T10:00:00+01:00"),
        output("community-asset", valueReference={
            "reference": f"HealthcareService/{asset['id']}", "display": asset["name"],
        }),
        output("outcome", valueCodeableConcept={"text": "Goes every week"}),
        output("case-closed", valueDate="2020-06-30"),
    ])  # fmt: skip
    await activation(practice, here, "2020-06-30", 58.5, 3)

    case = await practice.call("GET", f"{referral}/$social-prescribing")
    assert values(case, "source") == ["gp"]
    assert values(case, "referral") == [{"reference": {"reference": referral}, "status": "completed"}]
    assert values(case, "contacts") == [2]
    assert values(case, "community-asset") == [
        {"reference": f"HealthcareService/{asset['id']}", "name": "Tuesday lunch club"}
    ]
    assert values(case, "outcome") == ["Goes every week"]
    assert values(case, "case-closed") == ["2020-06-30"]
    before, after = values(case, "activation-before"), values(case, "activation-after")
    assert [(each["level"], float(each["score"])) for each in (*before, *after)] == [(1, 45.5), (3, 58.5)]

    page = await practice.request("GET", f"CarePlan/{plan['id']}/$shared-plan?_format=html")
    for words in ("Company at lunch", "Tuesday lunch club", "Goes every week"):
        assert words in page.text, words


async def test_an_offer_that_is_accepted_becomes_a_referral(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, worker = here.client(http, "practice"), here.client(http, "community")
    offer = await practice.create(request(here, "social-prescribing", intent="proposal"))
    address = f"ServiceRequest/{offer['id']}"
    accepted = {"resourceType": "Parameters", "parameter": [
        {"name": "answer", "valueCode": "accepted"},
        {"name": "performer", "valueReference": here.reference("community")},
    ]}  # fmt: skip
    answer = await practice.call("POST", f"{address}/$answer-offer", accepted)
    (referral,) = values(answer, "referral")
    assert (await practice.read(address))["status"] == "completed"
    task = await task_for(worker, referral["reference"])
    assert task["status"] == "requested"
    case = await practice.call("GET", f"{referral['reference']}/$social-prescribing")
    (offered,) = values(case, "offer")
    assert (offered["answer"], offered["on"]) == ("accepted", "2020-07-01")
    with pytest.raises(Refused) as again:
        await practice.call("POST", f"{address}/$answer-offer", accepted)
    assert again.value.status == 422


async def test_a_decline_is_the_persons_choice_and_is_kept(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice = here.client(http, "practice")
    offer = await practice.create(request(here, "social-prescribing", intent="proposal"))
    address = f"ServiceRequest/{offer['id']}"
    with pytest.raises(Refused) as bare:
        await practice.patch(address, [{"op": "replace", "path": "/status", "value": "revoked"}])
    assert bare.value.status == 422
    assert "person's choice" in bare.value.text
    assert "§4.12" in bare.value.text
    assert (await practice.read(address))["meta"]["versionId"] == "1"

    declined = {"resourceType": "Parameters", "parameter": [
        {"name": "answer", "valueCode": "declined"}, {"name": "on", "valueDate": "2020-06-30"},
        {"name": "reason", "valueString": "Has company enough"},
    ]}  # fmt: skip
    await practice.call("POST", f"{address}/$answer-offer", declined)
    held = await practice.read(address)
    assert held["status"] == "revoked"
    (said,) = [each for each in held["extension"] if each["url"] == OFFER_ANSWER]
    assert {part["url"] for part in said["extension"]} == {"answer", "by", "on", "reason"}
    case = await practice.call("GET", f"{address}/$social-prescribing")
    assert values(case, "offer")[0]["answer"] == "declined"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ([], 400),
        ([{"name": "answer", "valueCode": "perhaps"}], 400),
        ([{"name": "answer", "valueCode": "accepted"}], 422),
        ([{"name": "answer", "valueCode": "declined"}, {"name": "on", "valueDate": "2020-07-02"}], 422),
        (
            [{"name": "answer", "valueCode": "declined"}, {"name": "by", "valueReference": {"reference": "Patient/x"}}],
            422,
        ),
    ],
)
async def test_an_answer_that_says_too_little_changes_nothing(
    here: Neighbourhood, http: httpx.AsyncClient, parameters: list[dict[str, Any]], status: int
) -> None:
    practice = here.client(http, "practice")
    offer = await practice.create(request(here, "social-prescribing", intent="proposal"))
    body = {"resourceType": "Parameters", "parameter": parameters}
    answer = await practice.request("POST", f"ServiceRequest/{offer['id']}/$answer-offer", body)
    assert answer.status_code == status, answer.text
    assert (await practice.read(f"ServiceRequest/{offer['id']}"))["meta"]["versionId"] == "1"


@pytest.mark.parametrize(
    ("requester", "told", "source"),
    [
        ("practice", None, "gp"),
        ("community", None, "other-professional"),
        ("practice", "self", "self"),
        ("person", None, "self"),
    ],
)
async def test_where_a_referral_came_from(
    here: Neighbourhood, http: httpx.AsyncClient, requester: str, told: str | None, source: str
) -> None:
    practice = here.client(http, "practice")
    asks = here.subject if requester == "person" else here.reference(requester)
    coding = {"system": REFERRAL_SOURCE, "code": told}
    extension = (
        {"extension": [{"url": SOURCE_OF_REQUEST, "valueCodeableConcept": {"coding": [coding]}}]} if told else {}
    )
    made = await practice.create({
        **request(here, "social-prescribing", performer=[here.reference("community")]), "requester": asks, **extension,
    })  # fmt: skip
    case = await practice.call("GET", f"ServiceRequest/{made['id']}/$social-prescribing")
    assert values(case, "source") == [source]


async def signposting(client: FhirClient, here: Neighbourhood) -> list[Resource]:
    await client.caught_up()
    found = await client.search(f"ServiceRequest?patient=Patient/{here.person}&category={REFERRAL_KIND}|carer-support")
    return [each for each in found if each["intent"] == "proposal"]


async def record_carer(client: FhirClient, here: Neighbourhood) -> Resource:
    return await client.create({
        "resourceType": "Observation", "status": "final", "code": {"coding": [CARER]}, "subject": here.subject,
        "effectiveDateTime": "2020-06-25",
    })  # fmt: skip


@pytest.mark.requirement("AC-051")
@pytest.mark.parametrize(("said", "ends"), [("accepted", "completed"), ("declined", "revoked")])
async def test_a_carer_who_is_recorded_is_offered_local_support(
    here: Neighbourhood, http: httpx.AsyncClient, said: str, ends: str
) -> None:
    await _carer_is_offered_support(here, here.client(http, "practice"), said, ends)


@pytest.mark.requirement("AC-064")
@pytest.mark.parametrize(("said", "ends"), [("accepted", "completed"), ("declined", "revoked")])
async def test_a_community_provider_records_a_carer_and_signposts(
    here: Neighbourhood, http: httpx.AsyncClient, said: str, ends: str
) -> None:
    await _carer_is_offered_support(here, here.client(http, "community"), said, ends)


async def _carer_is_offered_support(here: Neighbourhood, client: FhirClient, said: str, ends: str) -> None:
    await record_carer(client, here)
    (offer,) = await signposting(client, here)
    assert offer["status"] == "active"
    await record_carer(client, here)
    assert len(await signposting(client, here)) == 1, "recorded twice is offered once"
    body = {"resourceType": "Parameters", "parameter": [{"name": "answer", "valueCode": said}]}
    await client.call("POST", f"ServiceRequest/{offer['id']}/$answer-offer", body)
    (held,) = await signposting(client, here)
    assert held["status"] == ends
    (answer,) = [each for each in held["extension"] if each["url"] == OFFER_ANSWER]
    assert {"url": "answer", "valueCode": said} in answer["extension"]


async def test_an_offer_to_somebody_who_is_no_carer_is_taken_back(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice = here.client(http, "practice")
    recorded = await record_carer(practice, here)
    assert len(await signposting(practice, here)) == 1
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    await practice.patch(f"Observation/{recorded['id']}", change)
    (held,) = await signposting(practice, here)
    assert held["status"] == "revoked"


@pytest.mark.requirement("PC-005")
async def test_a_legal_right_to_choose_is_offered_and_used_before_the_referral(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    right = {"url": "right", "valueCode": "mental-health-provider"}
    options = [{"url": "option", "valueReference": here.reference(role)} for role in ("community", "voluntary")]
    offered = {"url": "offered", "valueDateTime": "2020-06-30"}
    chosen = {"url": "choice", "valueReference": here.reference("community")}
    wrong = {"url": "choice", "valueReference": here.reference("partless")}

    def referral(*parts: dict[str, Any]) -> Resource:
        extension = [{"url": RIGHT_TO_CHOOSE, "extension": list(parts)}]
        return request(here, "community-nursing", performer=[here.reference("community")], extension=extension)

    for parts, missing in (
        ((right,), ("offered", "choice")), ((right, offered), ("choice",)), ((right, chosen), ("offered",)),
        ((right, offered, *options, wrong), ("one of the options",)), ((offered, chosen), ("right",)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await practice.create(referral(*parts))
        assert refused.value.status == 422
        assert all(word in refused.value.text for word in missing), refused.value.text
    assert await practice.search(f"ServiceRequest?patient=Patient/{here.person}") == []

    made = await practice.create(referral(right, offered, *options, chosen))
    held = await practice.read(f"ServiceRequest/{made['id']}")
    assert {part["url"] for part in held["extension"][0]["extension"]} == {"right", "offered", "option", "choice"}


async def test_an_offer_with_a_business_identifier_keeps_it_and_is_accepted(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    numbered = {"identifier": [{"system": "urn:sender", "value": f"offer of {here.person}"}]}
    asked = {"performer": [here.reference("community")], **numbered}
    offer = await practice.create(request(here, "social-prescribing", intent="proposal", **asked))
    answer = await practice.call("POST", f"ServiceRequest/{offer['id']}/$answer-offer", {
        "resourceType": "Parameters", "parameter": [{"name": "answer", "valueCode": "accepted"}],
    })  # fmt: skip
    [referral] = values(answer, "referral")
    order = await practice.read(referral["reference"])
    assert (order["status"], order["basedOn"]) == ("active", [{"reference": f"ServiceRequest/{offer['id']}"}])
    ended = await practice.read(f"ServiceRequest/{offer['id']}")
    assert (ended["status"], ended["identifier"]) == ("completed", numbered["identifier"])
    assert "identifier" not in order, "it is of one request at a time"
    with pytest.raises(Refused) as again:
        await practice.create(request(here, "social-prescribing", **asked))
    assert again.value.status == 409


@pytest.mark.parametrize("status", ["active", "revoked"])
async def test_an_offer_does_not_become_an_order_without_the_persons_answer(
    here: Neighbourhood, http: httpx.AsyncClient, status: str
) -> None:
    practice = here.client(http, "practice")
    asked = {"performer": [here.reference("community")]}
    offer = await practice.create(request(here, "social-prescribing", intent="proposal", **asked))
    with pytest.raises(Refused) as refused:
        await practice.call("PUT", f"ServiceRequest/{offer['id']}", {**offer, "intent": "order", "status": status})
    assert refused.value.status == 422
    [issue] = refused.value.outcome["issue"]
    assert issue["expression"] == ["ServiceRequest.intent"]
    assert "000 §4.12 r6 PCN b2" in issue["details"]["text"]
    assert await practice.read(f"ServiceRequest/{offer['id']}") == offer
