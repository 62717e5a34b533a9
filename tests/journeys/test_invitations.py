"""A practice invites the people of a list in writing, and follows the offers to the last of them."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tandem.canonical import BASE
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.listed_people import group_of, parameters
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

COHORT = "smr-severe-frailty"
SEVERE = ("925861000000102", "Severe frailty")
PHONE = "0113 496 0000"


@pytest.fixture
async def lists(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> PracticeLists:
    """A practice with a telephone, in a neighbourhood of its own."""
    lists = await practice_lists(http, embedded)
    await lists.here.client(http, "operator").patch(
        f"Organization/{lists.here.organizations['practice']}",
        [{"op": "add", "path": "/telecom", "value": [{"system": "phone", "value": PHONE}]}],
    )
    return lists


async def listed(lists: PracticeLists, number: int = 1, **patient: Any) -> list[str]:
    """New people of the practice with severe frailty."""
    people = [await lists.register() for _ in range(number)]
    for each in people:
        for name, value in patient.items():
            await lists.client.patch(f"Patient/{each}", [{"op": "add", "path": f"/{name}", "value": value}])
        await lists.observe(each, SEVERE)
    await lists.client.caught_up()
    return people


def asked(**values: Any) -> Resource:
    """Parameters of texts; `patient` is an id."""
    named = {name: f"Patient/{value}" if name == "patient" else str(value) for name, value in values.items()}
    return {"resourceType": "Parameters", "parameter": [
        {"name": name, "valueString": value} for name, value in named.items()
    ]}  # fmt: skip


async def post(client: FhirClient, path: str, **values: Any) -> dict[str, list[Any]]:
    """What the operation answers, by name, once all services know."""
    found = await client.call("POST", path, asked(**values))
    await client.caught_up()
    return parameters(found) if found["resourceType"] == "Parameters" else found


async def invited(lists: PracticeLists, patient: str) -> str:
    """A letter for the person: its reference."""
    group = await group_of(lists.client, COHORT)
    [invitation] = (await post(lists.client, f"{group}/$invite", patient=patient))["invitation"]
    return str(invitation["communication"][0]["reference"])


async def figures(lists: PracticeLists) -> dict[str, Any]:
    """The counts of `$offers`, without people."""
    shown = parameters(await lists.client.call("GET", f"{await group_of(lists.client, COHORT)}/$offers"))
    return {name: values[0] for name, values in shown.items() if name != "person"}


def bodies(communication: Resource) -> dict[str, bytes]:
    """What was written, by content type."""
    attached = [each["contentAttachment"] for each in communication["payload"]]
    return {each["contentType"]: base64.b64decode(each["data"]) for each in attached}


async def refused(client: FhirClient, path: str, status: int = 422, **values: Any) -> str:
    """The words of the refusal."""
    with pytest.raises(Refused) as refusal:
        await post(client, path, **values)
    assert refusal.value.status == status
    return refusal.value.text


@pytest.mark.requirement("SMR-033")
async def test_a_person_is_invited_by_a_written_communication_and_not_without(lists: PracticeLists) -> None:
    [patient] = await listed(lists)
    group = await group_of(lists.client, COHORT)
    assert "written communication" in await refused(lists.client, f"{group}/$mark-invited", patient=patient)

    letter = await invited(lists, patient)
    kept = await lists.client.read(letter)
    page = bodies(kept)["text/html"].decode()
    assert "Ada Listed" in page
    assert PHONE in page
    for told in ("we would like to look at all of them together", "What will happen", "How to book", "You may say no"):
        assert told.lower() in page.lower()
    assert bodies(kept)["application/pdf"].startswith(b"%PDF-")
    assert "written communication" in await refused(lists.client, f"{group}/$mark-invited", patient=patient)

    sent = await post(lists.client, f"{letter}/$sent", sent="2020-07-01")
    assert (sent["status"], sent["sent"][:10], bodies(sent)) == ("completed", "2020-06-30", bodies(kept)), "in UTC"
    marked = await post(lists.client, f"{group}/$mark-invited", patient=patient)
    assert (marked["status"], marked["date"]) == (["invited"], ["2020-07-01"])
    assert marked["communication"] == [{"reference": letter}]
    with pytest.raises(Refused) as changed:
        await lists.client.patch(letter, [{"op": "remove", "path": "/payload/0"}])
    assert changed.value.status == 422, "date and content stay on record"


@pytest.mark.parametrize("missing", ["sent", "payload", "extension"])
async def test_what_a_practice_wrote_itself_counts_when_it_tells_what_it_must(
    lists: PracticeLists, missing: str
) -> None:
    [patient] = await listed(lists)
    group = await group_of(lists.client, COHORT)
    covers = f"{BASE}/StructureDefinition/letter-covers"
    written: Resource = {
        "resourceType": "Communication", "status": "completed", "sent": "2020-06-30", "about": [{"reference": group}],
        "category": [{"coding": [{"system": f"{BASE}/CodeSystem/communication-category", "code": "invitation"}]}],
        "subject": {"reference": f"Patient/{patient}"}, "payload": [{"contentString": "Dear Ada, please come"}],
        "extension": [{"url": covers, "valueCode": each} for each in ("intention", "process")],
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        await lists.client.create({name: value for name, value in written.items() if name != missing})
    assert refusal.value.status == 422
    assert (await figures(lists))["offered"] == 0
    made = await lists.client.create(written)
    await lists.client.caught_up()
    assert (await figures(lists))["offered"] == 1

    await lists.client.patch(
        f"Communication/{made['id']}", [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    )
    await lists.client.caught_up()
    assert (await figures(lists))["not-offered"] == 1


@pytest.mark.on_six_processes
async def test_offers_and_answers_are_followed_to_the_last_person_of_the_list(
    lists: PracticeLists, http: httpx.AsyncClient
) -> None:
    people = await listed(lists, 4)
    group = await group_of(lists.client, COHORT)
    order = await lists.listed(COHORT)
    assert set(order) == set(people)
    first = (await post(lists.client, f"{group}/$invite", next=3))["invitation"]
    assert [each["patient"][0]["reference"] for each in first] == [f"Patient/{each}" for each in order[:3]]
    assert (await figures(lists))["letter-requested"] == 3
    for each in first:
        await post(lists.client, f"{each['communication'][0]['reference']}/$sent")
    assert await figures(lists) == {
        "listed": 4, "offered": 3, "not-offered": 1, "letter-requested": 0, "invited": 3, "accepted": 0, "declined": 0,
        "no-response": 0, "done": 0, "percent-offered": 75,
    }  # fmt: skip

    shown = parameters(await lists.client.call("GET", f"{group}/$offers"))
    assert [each["patient"][0]["reference"] for each in shown["person"]] == [f"Patient/{order[3]}"]
    for patient, response in zip(order, ("accepted", "declined", "no-response"), strict=False):
        await post(lists.client, f"{group}/$record-response", patient=patient, response=response, date="2020-07-01")
    refusal = await refused(lists.client, f"{group}/$record-response", patient=order[3], response="declined")
    assert "not sent" in refusal
    await post(lists.client, f"{group}/$record-response", patient=order[3], response="done")
    found = await figures(lists)
    assert [found[name] for name in ("accepted", "declined", "no-response", "done", "not-offered")] == [1, 1, 1, 1, 0]
    assert found["percent-offered"] == 100

    # what a person answered stands; nobody is written to again unless this is asked for
    assert "declined" in await refused(lists.client, f"{group}/$invite", patient=order[1])
    assert await post(lists.client, f"{group}/$invite", next=10) == {"letters": [0]}
    await post(lists.client, f"{group}/$invite", patient=order[2], again="true")

    commissioner = lists.here.client(http, "commissioner")
    network = lists.here.organizations["network"]
    told = parameters(await commissioner.call("GET", f"Organization/{network}/$offers?service=SMR"))
    assert (told["offered"], told["percent-offered"]) == ([4], [100])
    assert "person" not in told
    with pytest.raises(Refused) as unseen:
        await lists.here.client(http, "other").call("GET", f"Organization/{network}/$offers")
    assert unseen.value.status == 404
    for stranger in ("commissioner", "other"):
        client = lists.here.client(http, stranger)
        await refused(client, f"{group}/$invite", 404, next=1)
        with pytest.raises(Refused) as hidden:
            await client.call("GET", f"{group}/$offers")
        assert hidden.value.status == 404


async def test_a_letter_respects_how_the_person_can_be_written_to(lists: PracticeLists) -> None:
    [patient] = await listed(lists, extension=[
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True},
    ])  # fmt: skip
    for term in (
        "Requires written information in at least 24 point sans serif font",
        "Requires information in Easy read",
        "Requires adjustment to provide low noise stimulus",
    ):
        await lists.client.create({
            "resourceType": "Flag", "status": "active", "code": {"text": term},
            "subject": {"reference": f"Patient/{patient}"},
        })  # fmt: skip
    letter = await lists.client.read(await invited(lists, patient))
    page = bodies(letter)["text/html"].decode()
    assert letter["status"] == "preparation"
    assert "font-size: 24pt" in page
    assert "A talk about your medicines" in page, "in easy read"
    assert "interpreter" in page
    assert "low noise stimulus" in page


async def test_a_language_without_a_letter_is_said_and_waits_for_a_translator(lists: PracticeLists) -> None:
    polish = {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "pl", "display": "Polish"}]}}
    [patient] = await listed(lists, communication=[{**polish, "preferred": True}])
    letter = await invited(lists, patient)
    kept = await lists.client.read(letter)
    assert (kept["status"], kept["statusReason"]["coding"][0]["code"]) == ("on-hold", "translation-needed")
    assert "Polish (pl)" in kept["statusReason"]["text"]
    assert "dealt with" in await refused(lists.client, f"{letter}/$sent")
    assert (await figures(lists))["offered"] == 0
    await post(lists.client, f"{letter}/$sent", settled="Translated by the city's service, enclosed")
    assert (await figures(lists))["invited"] == 1
