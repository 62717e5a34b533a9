"""Referrals that come and go as messages of the NHS booking and referral standard."""

from __future__ import annotations

import asyncio
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.fhir.body import Resource, decode
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.referral_messages import DOS, encoded, headers_of, message, referral_in, send
from tandem_tests.running import EmbeddedTandem


class Messages:
    """A practice that sends to a community provider; the provider's service has a DoS identifier."""

    def __init__(self, here: Neighbourhood, http: httpx.AsyncClient) -> None:
        self.here = here
        self.practice, self.provider = here.client(http, "practice"), here.client(http, "community")
        self.sender: dict[str, Any] = here.reference("practice")["identifier"]
        self.receiver: dict[str, Any] = here.reference("community")["identifier"]
        self.target = {"system": DOS, "value": f"2{self.receiver['value'][2:]}"}

    def message(self, **more: Any) -> Resource:
        return message(self.here.nhs_number, self.sender, self.receiver, **more)

    def headers(self, **more: str) -> dict[str, str]:
        return headers_of(self.sender, self.target, **more)

    async def sent(self, body: Resource, **more: str) -> Resource:
        answer = await send(self.practice, body, self.headers(**more))
        assert answer.status_code == 200, answer.text
        answered: Resource = decode(answer.content)
        return answered

    async def refused(self, body: Resource, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and first issue; nothing is kept of it."""
        before = await self.practice.search(f"ServiceRequest?patient=Patient/{self.here.person}")
        answer = await send(self.practice, body, headers or self.headers())
        after = await self.practice.search(f"ServiceRequest?patient=Patient/{self.here.person}")
        assert [each["meta"]["versionId"] for each in before] == [each["meta"]["versionId"] for each in after]
        outcome = decode(answer.content)
        assert outcome["resourceType"] == "OperationOutcome"
        assert outcome["issue"][0]["details"]["coding"][0]["code"].startswith("REC_")
        return answer.status_code, outcome["issue"][0]

    async def task_of(self, referral: Resource) -> Resource:
        await self.provider.caught_up()
        (task,) = await self.provider.search(f"Task?focus=ServiceRequest/{referral['id']}&code=fulfill")
        return task


@pytest.fixture
async def messages(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Messages:
    here = await settle_in(http, embedded)
    made = Messages(here, http)
    await made.provider.create({
        "resourceType": "HealthcareService", "active": True, "name": "Urgent community response",
        "identifier": [made.target], "providedBy": here.reference("community"),
    })  # fmt: skip
    await made.provider.caught_up()
    return made


async def test_a_message_becomes_a_referral_with_its_task_and_the_task_closes_it(messages: Messages) -> None:
    sent = messages.message()
    answer = await messages.sent(sent)
    header, referral = answer["entry"][0]["resource"], referral_in(answer)
    assert header["response"] == {"identifier": sent["entry"][0]["resource"]["id"], "code": "ok"}
    assert header["focus"] == [{"reference": f"ServiceRequest/{referral['id']}"}]
    assert referral["id"] != sent["entry"][1]["resource"]["id"], "the receiver gives the id"
    assert {"PractitionerRole", "Flag"} <= {each["resourceType"] for each in referral["contained"]}
    assert referral == await messages.practice.read(f"ServiceRequest/{referral['id']}")

    task = await messages.task_of(referral)
    assert task["owner"]["identifier"] == messages.receiver
    for status in ("accepted", "in-progress", "completed"):
        await messages.provider.patch(f"Task/{task['id']}", [{"op": "replace", "path": "/status", "value": status}])
    await messages.provider.caught_up()
    assert (await messages.practice.read(f"ServiceRequest/{referral['id']}"))["status"] == "completed"


async def test_the_same_request_sent_again_is_the_same_answer_and_one_referral(messages: Messages) -> None:
    sent, headers = messages.message(), messages.headers()
    answers = await asyncio.gather(*(send(messages.practice, sent, headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    found = await messages.practice.search(f"ServiceRequest?patient=Patient/{messages.here.person}")
    assert len(found) == 1

    status, issue = await messages.refused(sent)
    assert (status, issue["code"]) == (409, "duplicate")
    status, issue = await messages.refused(messages.message(), headers)
    assert (status, issue["expression"]) == (409, ["http.x-request-id"])


async def test_an_update_and_a_cancellation_reach_the_referral_and_its_task(messages: Messages) -> None:
    sent = messages.message()
    referral = referral_in(await messages.sent(sent))
    theirs = sent["entry"][1]["resource"]["id"]
    changed = referral_in(await messages.sent(messages.message(
        reason="update", focus=theirs, priority="urgent", reasonCode=[{"text": "Fell again"}]
    )))  # fmt: skip
    assert (changed["id"], changed["priority"]) == (referral["id"], "urgent")
    assert changed["reasonCode"] == [{"text": "Fell again"}]
    task = await messages.task_of(referral)

    # A sender that read the referral names it by the id it was given here.
    ended = referral_in(await messages.sent(messages.message(
        reason="update", status="revoked", focus=referral["id"], note=[{"text": "Gone to hospital"}]
    )))  # fmt: skip
    assert ended["status"] == "revoked"
    assert ended["note"][-1]["text"] == "Gone to hospital"
    await messages.provider.caught_up()
    assert (await messages.provider.read(f"Task/{task['id']}"))["status"] == "cancelled"
    status, _ = await messages.refused(messages.message(reason="update", focus=theirs))
    assert status == 422, "what was withdrawn is asked for anew"


@pytest.mark.parametrize(
    ("answered", "becomes"), [("active", "accepted"), ("completed", "completed"), ("revoked", "rejected")]
)
async def test_the_performer_answers_by_message(messages: Messages, answered: str, becomes: str) -> None:
    referral = referral_in(await messages.sent(messages.message()))
    task = await messages.task_of(referral)
    reply = message(
        messages.here.nhs_number, messages.receiver, messages.sender, event="servicerequest-response", reason="update",
        status=answered, focus=referral["id"], reasonCode=[{"text": "No capacity this week"}],
    )  # fmt: skip
    answer = await send(messages.provider, reply, headers_of(messages.receiver, messages.sender))
    assert answer.status_code == 200, answer.text
    await messages.provider.caught_up()
    moved = await messages.provider.read(f"Task/{task['id']}")
    assert moved["status"] == becomes
    assert (moved.get("statusReason") == {"text": "No capacity this week"}) is (becomes == "rejected")


async def test_a_referral_leaves_as_a_message_that_another_system_could_take(messages: Messages) -> None:
    referral = referral_in(await messages.sent(messages.message()))
    made = await messages.practice.call("GET", f"ServiceRequest/{referral['id']}/$referral-message")
    (bundle,) = [each["resource"] for each in made["parameter"] if each["name"] == "message"]
    headers = {
        part["part"][0]["valueString"]: part["part"][1]["valueString"]
        for part in made["parameter"] if part["name"] == "header"
    }  # fmt: skip
    again = await messages.practice.call("GET", f"ServiceRequest/{referral['id']}/$referral-message")
    assert again == made
    taken = await send(messages.practice, bundle, headers)
    assert taken.status_code == 200, taken.text
    copy = referral_in(decode(taken.content))
    assert copy["id"] != referral["id"]
    assert copy["reasonCode"] == referral["reasonCode"]


async def test_every_fault_of_the_headers_is_told_at_once(messages: Messages) -> None:
    headers = {"X-Request-ID": "not-a-uuid", "NHSD-Target-Identifier": "!", "NHSD-Requesting-Software": encoded([1])}
    answer = await send(messages.practice, messages.message(), headers)
    assert answer.status_code == 400
    told = {issue["expression"][0]: issue["code"] for issue in decode(answer.content)["issue"]}
    assert told == {
        "http.x-request-id": "value", "http.x-correlation-id": "required",
        "http.nhsd-end-user-organisation": "required", "http.nhsd-requesting-software": "structure",
        "http.nhsd-target-identifier": "structure",
    }  # fmt: skip


def _without_focus(body: Resource) -> None:
    del body["entry"][0]["resource"]["focus"]


def _focus_on_the_patient(body: Resource) -> None:
    body["entry"][0]["resource"]["focus"] = [{"reference": body["entry"][2]["fullUrl"]}]


def _new_and_revoked(body: Resource) -> None:
    body["entry"][1]["resource"]["status"] = "revoked"


def _deleted_and_active(body: Resource) -> None:
    body["entry"][0]["resource"]["reason"]["coding"][0]["code"] = "delete"


def _booking(body: Resource) -> None:
    body["entry"][0]["resource"]["eventCoding"]["code"] = "booking-request"


def _no_header(body: Resource) -> None:
    body["entry"].pop(0)


def _wrong_digit(body: Resource) -> None:
    body["entry"][2]["resource"]["identifier"][0]["value"] = "4857773456"


def _stranger(body: Resource) -> None:
    body["entry"][2]["resource"]["identifier"][0]["value"] = "9434765919"


def _another_receiver(body: Resource) -> None:
    body["entry"][4]["resource"]["identifier"][0]["value"] = "RXX99"


def _another_sender(body: Resource) -> None:
    body["entry"][3]["resource"]["identifier"][0]["value"] = "RXX99"


def _never_sent(body: Resource) -> None:
    body["entry"][0]["resource"]["reason"]["coding"][0]["code"] = "update"


def _identifiers_of_no_shape(body: Resource) -> None:
    body["entry"][0]["resource"]["sender"] = {"identifier": "RXX99"}
    body["entry"][4]["resource"]["identifier"] = ["RXX99", {"system": ["urn:x"], "value": 1}]
    body["entry"][1]["resource"]["performer"].append({"identifier": "RXX99"})


def _performers_of_no_shape(body: Resource) -> None:
    body["entry"][1]["resource"]["performer"] = 7


def _endless_name(body: Resource) -> None:
    body["entry"][0]["resource"]["id"] = "x" * 65


@pytest.mark.parametrize(
    ("fault", "status", "place"),
    [
        (_without_focus, 422, "MessageHeader.focus"),
        (_focus_on_the_patient, 422, "MessageHeader.focus"),
        (_new_and_revoked, 422, "MessageHeader.reason"),
        (_deleted_and_active, 422, "MessageHeader.reason"),
        (_booking, 400, "MessageHeader.eventCoding"),
        (_no_header, 400, "Bundle.entry[0].resource"),
        (_wrong_digit, 422, "Patient.identifier"),
        (_stranger, 422, "ServiceRequest.subject"),
        (_another_receiver, 422, "ServiceRequest.performer"),
        (_another_sender, 422, "MessageHeader.sender"),
        (_never_sent, 404, "ServiceRequest.id"),
        (_identifiers_of_no_shape, 422, "ServiceRequest.performer[1].identifier"),
        (_performers_of_no_shape, 422, "ServiceRequest.performer"),
        (_endless_name, 400, "MessageHeader.id"),
    ],
)
async def test_a_message_that_cannot_be_right_is_refused_and_nothing_kept(
    messages: Messages, fault: Any, status: int, place: str
) -> None:
    body = deepcopy(messages.message())
    fault(body)
    answered, issue = await messages.refused(body)
    assert (answered, issue["expression"]) == (status, [place]), issue


@pytest.mark.parametrize("text", ["\x00", "\ud800"], ids=["null-character", "half-of-a-pair"])
async def test_a_target_or_sender_that_is_no_text_is_refused(messages: Messages, text: str) -> None:
    named = {"system": DOS, "value": text}
    headers = {"NHSD-Target-Identifier": encoded(named), "NHSD-End-User-Organisation": encoded({"identifier": [named]})}
    answer = await send(messages.practice, messages.message(), messages.headers(**headers))
    assert answer.status_code == 400
    told = {issue["expression"][0]: issue["code"] for issue in decode(answer.content)["issue"]}
    assert told == {"http.nhsd-end-user-organisation": "value", "http.nhsd-target-identifier": "structure"}


async def test_entries_that_name_the_next_one_after_the_other_all_go_along(messages: Messages) -> None:
    body = messages.message()
    chain: list[Resource] = [
        {"resourceType": "Observation", "status": "final", "code": {"text": f"{place}"}} for place in range(190)
    ]
    for place, each in enumerate(chain):
        each["hasMember"] = [{"reference": f"urn:uuid:{(place + 1) % len(chain)}"}]
    body["entry"] += [{"fullUrl": f"urn:uuid:{place}", "resource": each} for place, each in enumerate(chain)]
    kept = referral_in(await messages.sent(body))["contained"]
    assert [each["code"]["text"] for each in kept if each["resourceType"] == "Observation"] == [
        each["code"]["text"] for each in chain
    ]


async def test_an_answer_whose_reason_is_none_reaches_no_task(messages: Messages) -> None:
    referral = referral_in(await messages.sent(messages.message()))
    body = message(
        messages.here.nhs_number, messages.receiver, messages.sender, event="servicerequest-response",
        focus=referral["id"], status="revoked", reasonCode=["no capacity"], note="none",
    )  # fmt: skip
    answer = await send(messages.provider, body, headers_of(messages.receiver, messages.sender))
    assert answer.status_code == 422
    told = {issue["expression"][0] for issue in decode(answer.content)["issue"]}
    assert told == {"ServiceRequest.reasonCode[0]", "ServiceRequest.note"}
    assert (await messages.task_of(referral))["status"] == "requested"


async def test_an_unknown_target_a_foreign_name_and_another_version_are_refused(messages: Messages) -> None:
    unknown = headers_of(messages.sender, {"system": DOS, "value": "1"})
    status, issue = await messages.refused(messages.message(), unknown)
    assert (status, issue["expression"]) == (404, ["http.nhsd-target-identifier"])
    assert "BaRS, NHSD-Target-Identifier" in str(issue)
    foreign = headers_of(messages.receiver, messages.target)
    assert (await messages.refused(messages.message(), foreign))[0] == 403
    later = messages.headers(Accept="application/fhir+json; version=2.0.0")
    assert (await messages.refused(messages.message(), later))[0] == 406


async def test_nobody_changes_or_answers_the_referral_of_another(messages: Messages, http: httpx.AsyncClient) -> None:
    referral = referral_in(await messages.sent(messages.message()))
    other = messages.here.client(http, "other")
    name = messages.here.reference("other")["identifier"]
    for event in ("servicerequest-request", "servicerequest-response"):
        body = message(
            messages.here.nhs_number, name, messages.receiver, event=event, reason="update", status="revoked",
            focus=referral["id"],
        )  # fmt: skip
        answer = await send(other, body, headers_of(name, messages.target))
        assert answer.status_code == 404
    assert (await messages.practice.read(f"ServiceRequest/{referral['id']}"))["status"] == "active"


async def test_the_examples_of_the_standard_are_taken(messages: Messages, shared_data: Path) -> None:
    """As they are but for the person, whom nobody here knows under that number."""
    examples = [
        path for path in sorted((shared_data / "nhs-bars/Bundle").glob("*.json")) if '"message"' in path.read_text()
    ]
    assert examples
    for path in examples:
        body = json.loads(path.read_text())
        for entry in body["entry"]:
            if entry["resource"]["resourceType"] == "Patient":
                entry["resource"]["identifier"][0]["value"] = messages.here.nhs_number
        referral = referral_in(await messages.sent(body))
        assert referral["status"] == "active"
        kinds = {each["resourceType"] for each in referral["contained"]}
        assert {"Location", "Practitioner", "Observation", "Flag"} <= kinds
        assert referral["occurrencePeriod"] == body["entry"][1]["resource"]["occurrencePeriod"]
