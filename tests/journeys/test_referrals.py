"""The closed loop of a referral: asked, answered, done, and whoever asked sees the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import ODS_CODE, TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, admit, plan_of, settle_in
from tandem_tests.network_area import values
from tandem_tests.referrals import (
    answer,
    counts,
    identified,
    loop,
    partly,
    redirect,
    referral,
    stands,
    task_of,
    worklist,
)
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def here(http: httpx.AsyncClient, embedded: EmbeddedTandem) -> Neighbourhood:
    """A neighbourhood in which the charity has an agreement too."""
    settled = await settle_in(http, embedded)
    await settled.client(http, "operator").create(settled.sharing("practice", "voluntary"))
    return settled


async def refused(asked: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await asked
    return caught.value


async def notices(client: FhirClient, here: Neighbourhood, topic: str) -> list[Resource]:
    found = await client.search(f"Communication?subject=Patient/{here.person}&_count=100")
    return [each for each in found if (each.get("topic") or {}).get("text") == topic]


@pytest.mark.requirement("PC-047")
@pytest.mark.on_six_processes
async def test_community_nursing_accepts_a_referral_of_a_dying_patient_and_the_referrer_reads_it(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(
        here, "community-nursing", "community", reasonCode=[{"text": "End of life care at home"}], priority="urgent",
    ))  # fmt: skip
    assert await stands(practice, request) == "waiting-for-answer"
    task = await task_of(community, request)
    assert (task["owner"], task["requester"]) == (here.reference("community"), here.reference("practice"))
    assert task["priority"] == "urgent"
    await answer(community, task, "accepted")
    shown = await loop(practice, request)
    assert values(shown, "state") == ["answered"]
    assert values(shown, "taskStatus") == ["accepted"]
    assert values(shown, "performer") == [here.codes["community"]]
    assert values(shown, "accepted"), "with the time"
    assert (await practice.read(f"Task/{task['id']}"))["status"] == "accepted"

    await answer(community, task, "in-progress", "completed")
    assert (await practice.read(f"ServiceRequest/{request['id']}"))["status"] == "completed"
    shown = await loop(practice, request)
    assert (values(shown, "state"), values(shown, "outcome")) == (["closed"], ["completed"])
    said = [(values(step, "source")[0]["reference"].partition("/")[0], values(step, "status")[0])
            for step in values(shown, "step")]  # fmt: skip
    assert said == [
        ("ServiceRequest", "active"), ("Task", "requested"), ("Task", "accepted"), ("Task", "in-progress"),
        ("Task", "completed"), ("ServiceRequest", "completed"),
    ]  # fmt: skip
    [told] = await notices(practice, here, "Referral done")
    assert told["recipient"] == [here.reference("practice")]
    assert told["about"] == [{"reference": f"ServiceRequest/{request['id']}"}]


async def _moved(system: EmbeddedTandem, tandem: Callable[..., Any], client: FhirClient, moment: str) -> None:
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
    assert moved.returncode == 0, moved.stderr
    await client.caught_up()


@pytest.mark.requirement("PCPC-041")
async def test_advice_of_a_geriatrician_is_kept_with_the_patient_with_the_time_that_it_took(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    here = await settle_in(http, system)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(
        here, "advice", "community", code={"text": "Advice of the interface geriatrician on falls"},
    ))  # fmt: skip
    task = await task_of(community, request)
    await answer(community, task, "accepted", "in-progress")
    await _moved(system, tandem, practice, "2020-07-01T10:35+01:00")
    advice = "Stop the nightly sedative and check blood pressure on standing"
    await answer(community, task, "completed", output=[{"type": {"text": "advice"}, "valueString": advice}])
    shown = await loop(practice, request)
    assert values(shown, "reply") == [advice]
    assert values(shown, "minutes") == [95]
    assert values(shown, "patient") == [here.subject]
    [kept] = await notices(practice, here, "Referral done")
    assert kept["subject"] == here.subject
    assert advice in kept["payload"][0]["contentString"]
    assert "95 minutes" in kept["payload"][0]["contentString"]
    assert kept["sent"] == "2020-07-01T09:35:00.000Z"


async def test_the_plan_shows_a_referral_and_its_end(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, voluntary = here.client(http, "practice"), here.client(http, "voluntary")
    await admit(practice, here.person, "2020-06-30")
    plan = (await plan_of(practice, here.person))["id"]
    based = {"basedOn": [{"reference": f"CarePlan/{plan}"}]}
    request = await practice.create(referral(here, None, "voluntary", **based))
    await answer(voluntary, await task_of(voluntary, request), "accepted", "in-progress", "completed")
    held = await practice.read(f"CarePlan/{plan}")
    named = {"reference": f"ServiceRequest/{request['id']}"}
    [activity] = [each for each in held["activity"] if each.get("reference") == named]
    assert [note["text"] for note in activity["progress"]] == ["ServiceRequest completed"]
    assert values(await loop(practice, request), "performer") == [here.codes["voluntary"].replace("#", "|")]


@pytest.mark.on_six_processes
async def test_a_rejected_referral_is_redirected_and_done_by_another(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    voluntary = here.client(http, "voluntary")
    request = await practice.create(referral(here, "community-nursing", "community", **identified("R-1" + here.person)))
    task = await task_of(community, request)
    await answer(community, task, "rejected", statusReason={"text": "We are full"})
    shown = await loop(practice, request)
    assert (values(shown, "state"), values(shown, "reason")) == (["unanswered"], ["We are full"])
    assert (await worklist(practice, "&state=unanswered")) == {request["id"]: "unanswered"}
    [told] = await notices(practice, here, "Referral not done")
    assert "We are full" in told["payload"][0]["contentString"]

    newer = await redirect(practice, request, here.reference("voluntary"), "The first had no place")
    assert newer["identifier"] == request["identifier"]
    assert newer["replaces"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    older = await practice.read(f"ServiceRequest/{request['id']}")
    assert older["status"] == "revoked"
    assert older["extension"][0]["valueCodeableConcept"]["text"] == "The first had no place"
    await answer(voluntary, await task_of(voluntary, newer), "accepted", "in-progress", "completed")
    shown = await loop(practice, newer)
    assert values(shown, "state") == ["closed"]
    assert [each["reference"] for each in values(shown, "chain")] == [
        f"ServiceRequest/{request['id']}", f"ServiceRequest/{newer['id']}"
    ]  # fmt: skip
    assert await worklist(practice) == {}
    again = await refused(redirect(practice, newer, here.reference("community"), "Once more"))
    assert again.status == 422
    assert "what has ended stays ended" in again.text


async def test_a_redirect_of_a_waiting_referral_takes_its_task_back(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    task = await task_of(community, request)
    same = await refused(redirect(practice, request, here.reference("community"), "Please"))
    assert (same.status, "asked already" in same.text) == (422, True)
    unknown = {"type": "Organization", "identifier": {"system": "urn:nobody", "value": "1"}}
    stranger = await refused(redirect(practice, request, unknown, "Please"))
    assert (stranger.status, stranger.outcome["issue"][0]["expression"]) == (422, ["ServiceRequest.performer"])
    assert (await practice.read(f"ServiceRequest/{request['id']}"))["status"] == "active", "nothing half-written"
    newer = await redirect(practice, request, here.reference("voluntary"), "Nearer to her home")
    await practice.caught_up()
    assert (await practice.read(f"Task/{task['id']}"))["status"] == "cancelled"
    assert await worklist(practice) == {newer["id"]: "waiting-for-answer"}


async def test_a_request_that_replaces_an_open_one_ends_it(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice = here.client(http, "practice")
    older = await practice.create(referral(here, "community-nursing", "community", **identified("C" + here.person)))
    replaces = {"replaces": [{"reference": f"ServiceRequest/{older['id']}"}]}
    newer = await practice.create(
        referral(here, "community-nursing", "voluntary", **replaces, **identified("C" + here.person))
    )
    assert (await practice.read(f"ServiceRequest/{older['id']}"))["status"] == "revoked"
    assert await worklist(practice) == {newer["id"]: "waiting-for-answer"}
    neighbour = {"subject": {"reference": f"Patient/{here.neighbour}"}}
    other = here.client(http, "other")
    foreign = await refused(other.create(referral(here, "community-nursing", "other", **replaces, **neighbour)))
    assert (foreign.status, "same person" in foreign.text) == (422, True)


async def test_what_is_done_in_part_stays_open_for_the_rest(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    await answer(community, await task_of(community, request), "accepted", "in-progress", "completed", **partly())
    assert (await practice.read(f"ServiceRequest/{request['id']}"))["status"] == "active"
    assert await worklist(practice, "&state=partly-done") == {request["id"]: "partly-done"}
    assert len(await notices(practice, here, "Referral partly done")) == 1
    newer = await redirect(practice, request, here.reference("community"), "The rest")
    await answer(community, await task_of(community, newer), "accepted", "in-progress", "completed")
    assert await worklist(practice) == {}


async def test_a_request_on_hold_takes_its_task_back_and_asks_again(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    first = await task_of(community, request)
    path = f"ServiceRequest/{request['id']}"
    await practice.patch(path, [{"op": "replace", "path": "/status", "value": "on-hold"}])
    await practice.caught_up()
    assert (await community.read(f"Task/{first['id']}"))["status"] == "cancelled"
    assert await stands(practice, request) == "on-hold"
    await practice.patch(path, [{"op": "replace", "path": "/status", "value": "active"}])
    second = await task_of(community, request)
    assert second["id"] != first["id"]
    await answer(community, second, "accepted", "in-progress", "completed")
    assert (await practice.read(path))["status"] == "completed"
    assert await notices(practice, here, "Referral not done") == [], "what was put on hold was not turned down"


async def test_a_revoked_request_leaves_every_list(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    task = await task_of(community, request)
    await practice.patch(f"ServiceRequest/{request['id']}", [
        {"op": "replace", "path": "/status", "value": "revoked"}
    ])  # fmt: skip
    await practice.caught_up()
    assert (await community.read(f"Task/{task['id']}"))["status"] == "cancelled"
    shown = await loop(practice, request)
    assert (values(shown, "state"), values(shown, "outcome")) == (["closed"], ["revoked"])
    assert await worklist(practice) == {}


async def test_worklists_have_every_open_referral_once_with_exact_counts(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    draft = await practice.create(referral(here, "community-nursing", "community", status="draft"))
    waits = await practice.create(referral(here, "community-nursing", "community"))
    taken = await practice.create(referral(here, "advice", "community"))
    begun = await practice.create(referral(here, "community-nursing", "voluntary"))
    await practice.create(referral(here, None, "community"))
    await answer(community, await task_of(community, taken), "accepted")
    voluntary = here.client(http, "voluntary")
    await answer(voluntary, await task_of(voluntary, begun), "accepted", "in-progress")
    expected = {
        draft["id"]: "not-sent", waits["id"]: "waiting-for-answer", taken["id"]: "answered", begun["id"]: "in-progress"
    }  # fmt: skip
    for query in ("", f"&practice={here.codes['practice']}", f"&network={here.codes['network']}",
                  f"&requester={here.codes['practice']}"):  # fmt: skip
        assert await worklist(practice, query) == expected, query
    assert await worklist(practice, f"&performer={here.codes['community']}") == {
        each["id"]: expected[each["id"]] for each in (draft, waits, taken)
    }  # fmt: skip
    assert await worklist(community, "&kind=advice") == {taken["id"]: "answered"}
    shown = await practice.call("GET", "ServiceRequest/$worklist?state=answered&_count=1")
    assert values(shown, "total") == [1]
    assert counts(shown) == dict.fromkeys(("not-sent", "waiting-for-answer", "answered", "in-progress"), 1)
    late = await practice.call("GET", "ServiceRequest/$worklist?as-of=2021-07-01")
    assert counts(late) == {"not-sent": 1, "late-answer": 1, "overdue": 2}
    for role in ("other", "commissioner"):
        assert await worklist(here.client(http, role), f"&practice={here.codes['practice']}") == {}
    hidden = await refused(loop(here.client(http, "other"), waits))
    assert hidden.status == 404
    for query in ("state=nowhere", "kind=nothing", "after=x", "practice=A1&network=B1", "colour=red", "practice=a b"):
        wrong = await refused(practice.call("GET", f"ServiceRequest/$worklist?{query}"))
        assert wrong.status == 400, query


async def test_a_person_who_moves_takes_her_referrals_to_the_worklist_of_the_new_practice(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, other = here.client(http, "practice"), here.client(http, "other")
    request = await practice.create(referral(here, "community-nursing", "community"))
    assert await worklist(practice) == {request["id"]: "waiting-for-answer"}
    moved = [{"reference": f"Organization/{here.organizations['other']}"}]
    await practice.patch(f"Patient/{here.person}", [{"op": "replace", "path": "/generalPractitioner", "value": moved}])
    await practice.caught_up()
    assert await worklist(other) == {request["id"]: "waiting-for-answer"}
    assert await worklist(practice) == {}
    shown = await other.call("GET", f"ServiceRequest/$worklist?network={here.codes['network']}")
    assert counts(shown) == {}, "she is not of that network any more"


@pytest.mark.on_six_processes
async def test_a_business_identifier_is_of_one_referral(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, other = here.client(http, "practice"), here.client(http, "other")
    sent = referral(here, "community-nursing", "community", **identified("D" + here.person))
    several = await asyncio.gather(*(practice.request("POST", "ServiceRequest", sent) for _ in range(5)))
    assert sorted(each.status_code for each in several) == [201, 409, 409, 409, 409]
    [first] = [each.json() for each in several if each.status_code == 201]
    neighbour = {"subject": {"reference": f"Patient/{here.neighbour}"}, "performer": [here.reference("other")]}
    elsewhere = await refused(other.create({**sent, **neighbour}))
    mine = await refused(practice.create(sent))
    assert elsewhere.status == 409
    assert elsewhere.text == mine.text, "nothing tells whose it is"
    assert here.person not in elsewhere.text
    await practice.create({**referral(here, None, "community"), **identified("D" + here.person)})
    assert await worklist(practice) == {first["id"]: "waiting-for-answer"}
    error = {**first, "status": "entered-in-error"}
    await practice.call("PUT", f"ServiceRequest/{first['id']}", error)
    assert (await practice.create(sent))["id"] != first["id"]


@pytest.mark.on_six_processes
async def test_a_request_that_is_sent_again_has_the_same_answer(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    sent = referral(here, "community-nursing", "community", **identified("E" + here.person))
    named = {"X_Request_ID": f"8f4f2f5e-{here.person[:8]}"}
    several = await asyncio.gather(*(practice.request("POST", "ServiceRequest", sent, **named) for _ in range(4)))
    assert {each.status_code for each in several} == {201}
    assert len({each.headers["Location"] for each in several}) == 1
    first = several[0].json()
    await answer(community, await task_of(community, first), "accepted", "in-progress", "completed")
    again = await practice.request("POST", "ServiceRequest", sent, **named)
    assert (again.status_code, again.headers["Location"], again.json()) == (
        201, several[0].headers["Location"], first
    )  # fmt: skip
    another = await practice.request("POST", "ServiceRequest", {**sent, "priority": "stat"}, **named)
    assert another.status_code == 422
    assert "X-Request-ID" in another.text
    someone = await community.request("POST", "ServiceRequest", {**sent, **identified("F" + here.person)}, **named)
    assert someone.status_code == 201
    assert someone.json()["id"] != first["id"], "another organisation's request of that name is another request"
    found = await practice.search(f"ServiceRequest?subject=Patient/{here.person}")
    assert len(found) == 2


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("a kind that there is not", {"category": [{"coding": [{"system": "KIND", "code": "astrology"}]}]},
     "ServiceRequest.category", "social-prescribing"),
    ("nobody asked", {"performer": []}, "ServiceRequest.performer", "docs/referrals.md"),
    ("somebody who is no organisation", {"performer": [{"reference": "Practitioner/x"}]}, "ServiceRequest.performer",
     "Organization"),
    ("an unknown code", {"performer": [{"identifier": {"system": "urn:charity", "value": "none"}}]},
     "ServiceRequest.performer", "docs/referrals.md"),
    ("an unknown Organization", {"performer": [{"reference": "Organization/nowhere"}]}, "ServiceRequest.performer",
     "docs/referrals.md"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "expression", "says"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
async def test_a_wrong_target_or_kind_is_refused(
    here: Neighbourhood, http: httpx.AsyncClient, changed: dict[str, Any], expression: str, says: str
) -> None:
    practice = here.client(http, "practice")
    sent = referral(here, "community-nursing", "community")
    kind = sent["category"][0]["coding"][0]["system"]
    for concept in changed.get("category", []):
        concept["coding"][0]["system"] = kind
    body = {name: value for name, value in {**sent, **changed}.items() if value != []}
    wrong = await refused(practice.create(body))
    assert (wrong.status, wrong.outcome["issue"][0]["expression"]) == (422, [expression])
    assert says in wrong.text
    assert await practice.search(f"ServiceRequest?subject=Patient/{here.person}") == []


@pytest.mark.on_six_processes
async def test_an_organisation_that_was_entered_this_moment_can_be_asked(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, operator = here.client(http, "practice"), here.client(http, "operator")
    for number in range(3):
        identifier = {"system": "urn:charity", "value": f"{number}, of {here.person}"}
        await operator.create({"resourceType": "Organization", "active": True, "identifier": [identifier]})
        asked = {"performer": [{"type": "Organization", "identifier": identifier}]}
        await practice.create(referral(here, "community-nursing", None) | asked)
        made = await operator.create({"resourceType": "Organization", "active": True, "name": "New"})
        literal = {"performer": [{"reference": f"Organization/{made['id']}"}]}
        await practice.create(referral(here, "community-nursing", None) | literal)
    assert len(await worklist(practice, f"&requester={here.codes['practice']}")) == 6


async def test_what_has_ended_is_neither_reopened_nor_cancelled_and_keeps_whom_it_asks(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    path = f"ServiceRequest/{request['id']}"
    turned = await refused(practice.patch(path, [
        {"op": "replace", "path": "/performer", "value": [here.reference("voluntary")]}
    ]))  # fmt: skip
    assert (turned.status, "$redirect" in turned.text) == (422, True)
    task = await task_of(community, request)
    await answer(community, task, "accepted", "in-progress", "completed")
    for status in ("active", "revoked", "on-hold"):
        wrong = await refused(practice.patch(path, [{"op": "replace", "path": "/status", "value": status}]))
        assert wrong.status == 422
        assert "what has ended stays ended" in wrong.text
        assert "valueset-request-status" in wrong.text
    cancel = await refused(community.patch(f"Task/{task['id']}", [
        {"op": "replace", "path": "/status", "value": "cancelled"}
    ]))  # fmt: skip
    assert cancel.status == 422
    assert (await practice.read(path))["status"] == "completed"


async def test_a_performer_that_does_not_answer_is_chased_and_the_requester_is_told(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    here = await settle_in(http, system)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    request = await practice.create(referral(here, "community-nursing", "community"))
    quick = await practice.create(referral(here, "community-nursing", "community"))
    await answer(community, await task_of(community, quick), "accepted")

    async def chases(owner: str, *more: str) -> list[str]:
        asked = f"Task?code={TASK_KIND}|chase&owner:identifier={ODS_CODE}|{owner}"
        return sorted(each["status"] for each in await practice.search("&".join((asked, *more))))

    await _moved(system, tandem, practice, "2020-07-03T23:59+01:00")
    assert await stands(practice, request) == "waiting-for-answer", "two working days are not over"
    assert await chases(here.codes["community"]) == []
    await _moved(system, tandem, practice, "2020-07-04T09:00+01:00")
    assert await worklist(practice) == {request["id"]: "late-answer", quick["id"]: "answered"}
    assert await chases(here.codes["community"]) == ["requested"]
    assert await chases(here.codes["practice"]) == []
    await _moved(system, tandem, practice, "2020-07-08T09:00+01:00")
    assert await chases(here.codes["practice"]) == ["requested"], "after two more working days"
    await answer(community, await task_of(community, request), "accepted")
    assert await chases(here.codes["community"]) == await chases(here.codes["practice"]) == ["cancelled"]
    await _moved(system, tandem, practice, "2020-07-30T09:00+01:00")
    assert await worklist(practice) == {request["id"]: "overdue", quick["id"]: "overdue"}
    assert await chases(here.codes["community"], "status=requested") == ["requested"] * 2
    assert await chases(here.codes["practice"], "status=requested") == []
    await _moved(system, tandem, practice, "2020-09-01T09:00+01:00")
    assert await chases(here.codes["practice"], "status=requested") == ["requested"] * 2
    for each in (request, quick):
        [task] = await practice.search(f"Task?focus=ServiceRequest/{each['id']}&status=accepted")
        await answer(community, task, "in-progress", "completed")
    assert await worklist(practice) == {}
    assert await chases(here.codes["community"], "status=requested") == []
    assert await chases(here.codes["practice"], "status=requested") == []
