"""Urgent community response: who is eligible, and whether it comes within two hours, or two days, of the referral."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tandem.canonical import REFERRAL_RECEIVED
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.professionals import professional
from tandem_tests.running import EmbeddedTandem
from tandem_tests.urgent_referrals import (
    assess,
    clock_of,
    move_task,
    named,
    pass_minutes,
    task_of,
    urgent_request,
)

Tandem = Callable[..., Any]


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system whose clock stands in the evening before a bank holiday, 1 April 2021."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("april"), "--clock", "2021-04-01T22:00+01:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def here(april: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    return await settle_in(http, april)


@pytest.fixture
def practice(here: Neighbourhood, http: httpx.AsyncClient) -> FhirClient:
    return here.client(http, "practice")


@pytest.fixture
def community(here: Neighbourhood, http: httpx.AsyncClient) -> FhirClient:
    return here.client(http, "community")


async def refused(call: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await call
    return caught.value


async def record(client: FhirClient, request: str, *sent: dict[str, Any]) -> Resource:
    return await client.call("POST", f"ServiceRequest/{request}/$record-response", parameters(*sent))


async def board(client: FhirClient, query: str = "") -> tuple[dict[str, int], dict[str, Any], dict[str, Any]]:
    """What `$urgent-board` says: counts, those that wait and those responded to, by request."""
    await client.caught_up()
    shown = await client.call("GET", f"ServiceRequest/$urgent-board{query}")
    counts = {each["state"]: each["value"] for each in map(named, values(shown, "count"))}
    waiting, responded = (
        {each["request"]["reference"]: each for each in map(named, values(shown, name))}
        for name in ("waiting", "responded")
    )
    return counts, waiting, responded


async def begun(client: FhirClient, request: str) -> datetime:
    return datetime.fromisoformat((await clock_of(client, request))["starts"])


@pytest.mark.requirement("EHCH-064")
@pytest.mark.parametrize(("minutes", "met"), [(119, True), (121, False)])
async def test_crisis_response_meets_two_hours_at_119_minutes_and_breaches_at_121(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, tandem: Tandem, minutes: int, met: bool
) -> None:
    request = (await practice.create(urgent_request(here)))["id"]
    task = await task_of(community, request)
    start = await begun(practice, request)
    await move_task(community, task, "accepted")
    _, waiting, _ = await board(community)
    assert waiting[f"ServiceRequest/{request}"]["remaining-minutes"] == 120

    await pass_minutes(tandem, here.system, start, minutes)
    clock = await clock_of(practice, request)
    assert (clock["state"], clock.get("met")) == (("running", None) if met else ("overdue", False))
    await move_task(community, task, "in-progress")
    clock = await clock_of(practice, request)
    assert (clock["kind"], clock["state"], clock["met"]) == ("two-hour-response", "stopped", met)
    assert (datetime.fromisoformat(clock["stopped"]) - start).total_seconds() == minutes * 60
    counts, waiting, responded = await board(practice)
    assert f"ServiceRequest/{request}" not in waiting
    shown = responded[f"ServiceRequest/{request}"]
    assert (shown["minutes"], shown["met"], shown["owner"]) == (minutes, met, here.codes["community"])
    assert counts["responded-in-time" if met else "responded-late"] == 1
    breached = await practice.call("GET", "ServiceRequest/$clocks?state=breached")
    assert [each["request"]["reference"] for each in map(named, values(breached, "clock"))] == (
        [] if met else [f"ServiceRequest/{request}"]
    )


@pytest.mark.requirement("EHCH-065")
@pytest.mark.parametrize(("minutes", "met"), [(48 * 60 - 1, True), (48 * 60 + 1, False)])
async def test_reablement_begins_within_two_days_or_shows_whose_breach_it_is(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, tandem: Tandem, minutes: int, met: bool
) -> None:
    request = (await practice.create(urgent_request(here, "reablement")))["id"]
    start = await begun(practice, request)
    await pass_minutes(tandem, here.system, start, minutes)
    counts, waiting, _ = await board(practice, f"?performer={here.codes['community']}")
    shown = waiting[f"ServiceRequest/{request}"]
    assert shown["performer"].startswith("community")
    assert (shown["owner"], shown["remaining-minutes"]) == (here.codes["community"], 1 if met else -1)
    assert (counts["running"], counts["overdue"]) == ((1, 0) if met else (0, 1))
    reason = f"ServiceRequest/{request}/$record-breach-reason"
    late = parameters(part("reason", valueCode="capacity"), part("note", valueString="Two of six off sick"))
    if met:
        early = await refused(community.call("POST", reason, late))
        assert early.status == 422
        assert "this clock was not breached (000 §3.16 r9 b1)" in early.text
    else:
        await community.call("POST", reason, late)
    await record(community, request)
    clock = await clock_of(community, request)
    assert (clock["state"], clock["met"], clock["how"]) == ("stopped", met, "face-to-face")
    _, _, responded = await board(practice)
    shown = responded[f"ServiceRequest/{request}"]
    assert shown.get("breach-reason") == (None if met else "capacity")
    assert shown.get("breach-note") == (None if met else "Two of six off sick")


@pytest.mark.parametrize(
    ("role", "assessed_by"),
    [
        pytest.param("practice", "mdt-member", marks=pytest.mark.requirement("EHCH-062")),
        pytest.param("community", "community-provider", marks=pytest.mark.requirement("EHCH-063")),
    ],
)
async def test_an_eligible_assessment_opens_a_referral_and_another_keeps_its_reason(
    here: Neighbourhood, http: httpx.AsyncClient, community: FhirClient, role: str, assessed_by: str
) -> None:
    client = here.client(http, role)
    nurse = await professional(client, here.reference(role), "community-nurse")
    found = {"place": "usual-residence", "need": ["fall", "confusion-or-delirium"], "source": "care-home"}
    answer = await assess(
        client, here, purpose="avoid-admission", performer=here.reference("community"),
        assessor={"reference": nurse}, **found,
    )  # fmt: skip
    made = named(answer["parameter"])
    assert (made["eligible"], made["assessed-by"]) == (True, assessed_by)
    assert made["assessor"] == {"reference": nurse}
    request = made["request"]["reference"]
    referral = await client.read(request)
    assert (referral["status"], referral["category"][0]["coding"][0]["code"]) == ("active", "crisis-response")
    assert (await clock_of(community, request.removeprefix("ServiceRequest/")))["state"] == "running"
    assert (await community.read(await task_of(community, referral["id"])))["status"] == "requested"

    refused_one = named((await assess(client, here, purpose="none", place="home"))["parameter"])
    assert (refused_one["eligible"], "request" in refused_one) == (False, False)
    assert "avoids an admission or supports timely discharge (000 §3.16 r9)" in refused_one["reason"]
    assert len(await client.search(f"ServiceRequest?patient={here.person}")) == 1, "no referral was opened"

    for reader in ("practice", "community", "network"):
        read = here.client(http, reader)
        query = f"ServiceRequest/$urgent-response-assessments?patient=Patient/{here.person}"
        listed = [named(each) for each in values(await read.call("GET", query), "assessment")]
        assert {(each["eligible"], each.get("request", {}).get("reference")) for each in listed} == {
            (True, request), (False, None),
        }  # fmt: skip
        assert {each.get("reason") for each in listed} == {None, refused_one["reason"]}
    trail = f"AuditEvent?patient=Patient/{here.person}&agent={here.codes[role]}&_count=100"
    assert "$assess-urgent-response" in str(await here.client(http, "practice").call("GET", trail))


@pytest.mark.requirement("EHCH-067")
@pytest.mark.parametrize("purpose", ["none", "avoid-admission", "timely-discharge"])
async def test_either_purpose_makes_it_eligible_and_neither_does_not(
    here: Neighbourhood, practice: FhirClient, purpose: str
) -> None:
    answer = named((await assess(practice, here, purpose=purpose, performer=here.reference("community")))["parameter"])
    assert answer["eligible"] is (purpose != "none")
    assert ("request" in answer) is (purpose != "none")
    assert ("reason" in answer) is (purpose == "none")


async def test_reablement_is_not_asked_for_from_a_hospital_bed_and_adults_only_are_eligible(
    here: Neighbourhood, practice: FhirClient
) -> None:
    from_bed = await assess(practice, here, purpose="timely-discharge", kind="reablement", source="hospital-bed")
    assert "reablement is not asked for from hospital-bed" in str(values(from_bed, "reason"))
    person = await practice.read(f"Patient/{here.person}")
    await practice.call("PUT", f"Patient/{here.person}", {**person, "birthDate": "2004-04-12"})
    await practice.caught_up()
    child = await assess(practice, here, purpose="avoid-admission", performer=here.reference("community"))
    assert values(child, "age") == [16]
    assert "The person is 18 or older" in values(child, "reason")


async def test_the_same_request_again_opens_no_second_referral(here: Neighbourhood, practice: FhirClient) -> None:
    sent = parameters(
        part("patient", valueReference=here.subject), part("purpose", valueCode="avoid-admission"),
        part("performer", valueReference=here.reference("community")),
    )  # fmt: skip
    key = "7c0f9f6e-95a5-4a40-93a8-111111111111"
    first, again = [
        await practice.call("POST", "ServiceRequest/$assess-urgent-response", sent, X_Request_ID=key) for _ in range(2)
    ]
    assert values(first, "request") == values(again, "request")
    assert len(await practice.search(f"ServiceRequest?patient={here.person}")) == 1


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ({"purpose": "holiday"}, 422, "purpose is one of avoid-admission, timely-discharge, none (000 §3.16 r9"),
        ({}, 422, "purpose is one of"),
        ({"purpose": "avoid-admission"}, 422, "give performer, the organisation that responds (000 §3.16 r9"),
        (
            {"purpose": "avoid-admission", "performer": {"reference": "Organization/nobody"}},
            422,
            "No organisation of this code or id is known",
        ),
        ({"purpose": "avoid-admission", "performer": {"reference": "Patient/1"}}, 400, "performer is a Reference"),
        ({"purpose": "avoid-admission", "need": "boredom"}, 422, "need is one of fall, "),
        ({"purpose": "avoid-admission", "kind": "advice"}, 422, "kind is one of crisis-response, reablement"),
        ({"purpose": "avoid-admission", "assessor": {"reference": "Practitioner/nobody"}}, 422, "nobody of the staff"),
        ({"purpose": "avoid-admission", "flavour": "mint"}, 400, "There is no parameter flavour here"),
    ],
)
async def test_a_wrong_assessment_is_refused_and_leaves_nothing(
    here: Neighbourhood, practice: FhirClient, found: dict[str, Any], status: int, said: str
) -> None:
    answer = await refused(assess(practice, here, **found))
    assert (answer.status, said in answer.text) == (status, True), answer.text
    query = f"ServiceRequest/$urgent-response-assessments?patient=Patient/{here.person}"
    assert values(await practice.call("GET", query), "assessment") == []
    assert await practice.search(f"ServiceRequest?patient={here.person}") == []


async def test_an_organisation_that_nobody_knows_is_not_asked(here: Neighbourhood, practice: FhirClient) -> None:
    unknown = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RZZ99"}}
    answer = await refused(assess(practice, here, purpose="avoid-admission", performer=unknown))
    assert (answer.status, "No organisation of this code" in answer.text) == (422, True)
    assert await practice.search(f"ServiceRequest?patient={here.person}") == []


async def test_who_may_not_see_the_person_assesses_reads_and_records_nothing(
    here: Neighbourhood, http: httpx.AsyncClient, practice: FhirClient
) -> None:
    request = (await practice.create(urgent_request(here)))["id"]
    await practice.caught_up()
    for role in ("other", "partless", "commissioner", "voluntary"):
        stranger = here.client(http, role)
        assert (await refused(assess(stranger, here, purpose="none"))).status == 404
        query = f"ServiceRequest/$urgent-response-assessments?patient=Patient/{here.person}"
        assert (await refused(stranger.call("GET", query))).status == 404
        assert (await refused(stranger.call("GET", f"ServiceRequest/{request}/$clocks"))).status == 404
        assert (await refused(record(stranger, request))).status == 404
        for listed in ("$clocks", "$urgent-board", "$urgent-response-assessments"):
            assert here.person not in str(await stranger.call("GET", f"ServiceRequest/{listed}"))
    assert (await refused(record(practice, request))).status == 403, "the requester does not respond"


async def test_a_response_lies_between_the_receipt_and_now_and_is_corrected_by_another(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, tandem: Tandem
) -> None:
    request = (await practice.create(urgent_request(here)))["id"]
    start = await begun(practice, request)
    await pass_minutes(tandem, here.system, start, 130)

    def at(minutes: int) -> dict[str, Any]:
        return part(
            "at", valueDateTime=datetime.fromtimestamp(start.timestamp() + minutes * 60).astimezone().isoformat()
        )

    early = await refused(record(community, request, at(-1)))
    assert (early.status, "before the receipt of the referral (000 §3.16 r9 b1)" in early.text) == (422, True)
    late = await refused(record(community, request, at(131)))
    assert (late.status, "in the future (000 §3.16 r9 b1)" in late.text) == (422, True)
    assert (await refused(record(community, request, part("at", valueDate="2021-04-02")))).status == 422
    both = await refused(record(community, request, part("outcome", valueCode="telepathy"), at(131)))
    assert len(both.outcome["issue"]) == 2
    assert (await clock_of(practice, request))["state"] == "overdue", "nothing was written"

    await record(community, request, at(125), part("outcome", valueCode="patient-declined"))
    clock = await clock_of(practice, request)
    assert (clock["state"], clock["why"], clock["met"]) == ("closed", "patient-declined", False)
    await record(community, request, at(110), part("outcome", valueCode="remote"))
    clock = await clock_of(practice, request)
    assert (clock["state"], clock["how"], clock["met"]) == ("stopped", "remote", True)
    before = await clock_of(practice, request, as_of=f"{start:%Y-%m-%dT%H:%M}:00Z")
    assert before["state"] == "running"


@pytest.mark.parametrize(
    ("received", "met", "missed"),
    [
        ("2020-10-25T00:30:00+01:00", "2020-10-25T01:29:00+00:00", "2020-10-25T01:31:00+00:00"),
        ("2021-03-28T00:30:00+00:00", "2021-03-28T03:29:00+01:00", "2021-03-28T03:31:00+01:00"),
    ],
)
async def test_two_hours_are_elapsed_hours_when_summer_time_ends_and_when_it_begins(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, received: str, met: str, missed: str
) -> None:
    request = (await practice.create(urgent_request(here, authoredOn=received)))["id"]
    await practice.caught_up()
    for moment, in_time in ((met, True), (missed, False)):
        await record(community, request, part("at", valueDateTime=moment))
        assert (await clock_of(practice, request))["met"] is in_time


async def test_nothing_has_a_clock_that_came_before_the_first_day_or_is_no_urgent_referral(
    here: Neighbourhood, practice: FhirClient, community: FhirClient
) -> None:
    for sent in (urgent_request(here, authoredOn="2020-09-29T12:00:00+01:00"), urgent_request(here, "advice")):
        request = (await practice.create(sent))["id"]
        await practice.caught_up()
        assert values(await practice.call("GET", f"ServiceRequest/{request}/$clocks"), "clock") == []
        answer = await refused(record(community, request))
        assert (answer.status, "has no clock of urgent response" in answer.text) == (422, True)


async def test_whoever_is_asked_next_receives_it_anew(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, tandem: Tandem
) -> None:
    told = {"url": REFERRAL_RECEIVED, "valueDateTime": "2021-04-01T20:00:00+01:00"}
    request = (await practice.create(urgent_request(here, extension=[told])))["id"]
    assert (await clock_of(practice, request))["starts"] == "2021-04-01T19:00:00.000Z"
    sent = parameters(
        part("performer", valueReference=here.reference("partless")), part("reason", valueString="No capacity today"),
    )  # fmt: skip
    newer = await practice.call("POST", f"ServiceRequest/{request}/$redirect", sent)
    old, new = await clock_of(practice, request), await clock_of(practice, newer["id"])
    assert (old["state"], old["why"]) == ("closed", "revoked")
    assert (new["owner"], new["state"]) == (here.codes["partless"], "running")
    assert new["starts"] == newer["authoredOn"]


async def test_a_mental_health_crisis_is_on_the_board_until_it_is_answered(
    here: Neighbourhood, practice: FhirClient, community: FhirClient, tandem: Tandem
) -> None:
    request = (await practice.create(urgent_request(here, "mental-health-crisis")))["id"]
    task, start = await task_of(community, request), await begun(practice, request)
    await pass_minutes(tandem, here.system, start, 200)
    counts, waiting, _ = await board(community, "?kind=four-hour-answer")
    assert waiting[f"ServiceRequest/{request}"]["remaining-minutes"] == 40
    assert (counts["running"], counts["due-soon"]) == (1, 1)
    await move_task(community, task, "accepted")
    _, waiting, responded = await board(community)
    assert (waiting, responded[f"ServiceRequest/{request}"]["minutes"]) == ({}, 200)


async def test_a_commissioner_sees_how_many_and_nobody_and_no_small_number(
    here: Neighbourhood, http: httpx.AsyncClient, practice: FhirClient
) -> None:
    request = (await practice.create(urgent_request(here)))["id"]
    await practice.caught_up()
    shown = await here.client(http, "commissioner").call("GET", "ServiceRequest/$urgent-board")
    told = {each["state"]: each["value"] for each in map(named, values(shown, "count"))}
    assert told["overdue"] == 0
    assert told["running"]["extension"][0]["valueCode"] == "masked"
    assert request not in str(shown)
    assert here.person not in str(shown)
    counts, waiting, _ = await board(here.client(http, "other"))
    assert (set(counts.values()), waiting) == ({0}, {})


@pytest.mark.parametrize("query", ["?kind=tea", "?hours=0", "?performer=%20", "?practice=Y1&network=U1", "?as-of=soon"])
async def test_the_board_refuses_what_it_cannot_read(practice: FhirClient, query: str) -> None:
    assert (await refused(practice.call("GET", f"ServiceRequest/$urgent-board{query}"))).status == 400
