"""A person's timeline over all five services: one order, no record lost, nothing shown that reads refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tandem.canonical import ODS_CODE, TIMELINE_ENTRY
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.identity.caller import Caller

PERSON = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1950-01-01", "gender": "female",
    "generalPractitioner": [{"type": "Organization", "identifier": {"system": ODS_CODE, "value": "A81001"}}],
}  # fmt: skip
WHO = {"reference": "Patient/p1"}
SAID = {"text": "Said"}
RECORDS: tuple[dict[str, Any], ...] = (
    {"resourceType": "Encounter", "id": "seen", "status": "finished", "class": {"code": "AMB", "display": "Surgery"},
     "subject": WHO, "period": {"start": "2020-03-01T10:00:00Z"}},
    {"resourceType": "CarePlan", "id": "planned", "status": "active", "intent": "plan", "title": "Plan",
     "subject": WHO, "created": "2020-05-02"},
    {"resourceType": "Task", "id": "asked", "status": "requested", "intent": "order", "for": WHO,
     "description": "Asked", "authoredOn": "2019-12-01"},
    {"resourceType": "ServiceRequest", "id": "referred", "status": "active", "intent": "order", "subject": WHO,
     "code": {"coding": [{"display": "Referral"}]}, "authoredOn": "2020-03-02T08:00:00+01:00"},
    {"resourceType": "MeasureReport", "id": "measured", "status": "complete", "type": "individual", "subject": WHO,
     "measure": "https://tandem.example/fhir/Measure/own", "date": "2020-06-01",
     "period": {"start": "2020-01-01", "end": "2020-05-31"}},
    {"resourceType": "Observation", "id": "void", "status": "entered-in-error", "subject": WHO, "code": SAID,
     "effectiveDateTime": "2020-04-01"},
    {"resourceType": "Goal", "id": "undated", "lifecycleStatus": "active", "description": SAID, "subject": WHO},
)  # fmt: skip
NEWEST_FIRST = ["measured", "planned", "referred", "seen", "asked", "undated"]


async def enter(system) -> None:
    assert (await system.ask("PUT", "Patient/p1", PERSON)).status == 201
    for record in RECORDS:
        answer = await system.ask("PUT", f"{record['resourceType']}/{record['id']}", record)
        assert answer.status == 201, answer.body


def body_of(answer: FhirResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status == status, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def ids(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", ())]


async def whole(system, name: str, query: str, caller: Caller) -> list[list[str]]:
    """The ids of every page, along the links."""
    found, answer = [], await system.ask("GET", f"Patient/p1/{name}", query=query, caller=caller)
    while True:
        bundle = body_of(answer)
        found.append(ids(bundle))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" not in links:
            return found
        answer = await system.follow(links["next"], caller)


async def test_records_of_all_services_stand_in_the_order_of_when_they_happened(system, practice: Caller) -> None:
    await enter(system)
    bundle = body_of(await system.ask("GET", "Patient/p1/$timeline", caller=practice))
    assert ids(bundle) == NEWEST_FIRST
    assert bundle["link"][0]["url"] == "http://tandem.test/fhir/Patient/p1/$timeline"
    oldest_first = await whole(system, "$timeline", "_sort=date", practice)
    assert oldest_first == [["asked", "seen", "referred", "planned", "measured", "undated"]]


async def test_an_entry_says_when_what_and_by_whom_in_the_words_of_the_record(system, practice: Caller) -> None:
    await enter(system)
    bundle = body_of(await system.ask("GET", "Patient/p1/$timeline", query="type=Encounter,Goal", caller=practice))
    told = []
    for entry in bundle["entry"]:
        extension = next(each for each in entry["extension"] if each["url"] == TIMELINE_ENTRY)
        told.append({part["url"]: next(v for k, v in part.items() if k != "url") for part in extension["extension"]})
    author = {"type": "Organization", "identifier": {"system": ODS_CODE, "value": "X26"}}
    assert told == [
        {"record": {"reference": "Encounter/seen", "type": "Encounter"}, "date": "2020-03-01T10:00:00Z",
         "what": "Surgery", "author": author},
        {"record": {"reference": "Goal/undated", "type": "Goal"}, "what": "Said", "author": author},
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
async def test_pages_hold_every_record_once_in_the_same_order(system, practice: Caller, count: int) -> None:
    await enter(system)
    pages = await whole(system, "$timeline", f"_count={count}", practice)
    assert [name for page in pages for name in page] == NEWEST_FIRST
    assert all(len(page) == count for page, _ in pairwise(pages))


async def test_what_is_written_between_two_pages_shifts_nothing(system, practice: Caller) -> None:
    await enter(system)
    first = body_of(await system.ask("GET", "Patient/p1/$timeline", query="_count=3", caller=practice))
    newer = {**RECORDS[2], "id": "newer", "authoredOn": "2020-06-20"}
    assert (await system.ask("PUT", "Task/newer", newer)).status == 201
    rest = body_of(await system.follow(first["link"][1]["url"], practice))
    assert ids(first) + ids(rest) == NEWEST_FIRST


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2020-03-02", ["measured", "planned", "referred"]),
        ("to=2020-03-01", ["seen", "asked"]),
        ("from=2020-03&to=2020-03", ["referred", "seen"]),
        ("from=2020-03-01T10:00:00Z&to=2020-03-01T10:00:00Z", ["seen"]),
        ("type=Task,ServiceRequest", ["referred", "asked"]),
        ("_type=Task", ["asked"]),
        ("from=2021-01-01", []),
    ],
)
async def test_it_is_narrowed_to_days_and_types(system, practice: Caller, query: str, expected: list[str]) -> None:
    await enter(system)
    assert await whole(system, "$timeline", query, practice) == [expected]


async def test_everything_is_the_standard_operation_with_the_person_and_all_records(system, practice: Caller) -> None:
    await enter(system)
    everything = ["p1", "measured", "planned", "void", "referred", "seen", "asked", "undated"]
    assert await whole(system, "$everything", "", practice) == [everything]
    assert [each for page in await whole(system, "$everything", "_count=3", practice) for each in page] == everything
    assert await whole(system, "$everything", "start=2020-05-01&end=2020-05-31", practice) == [["p1", "planned"]]
    assert await whole(system, "$everything", "_type=Patient,Goal", practice) == [["p1", "undated"]]
    assert await whole(system, "$everything", "_since=2999-01-01T00:00:00Z", practice) == [[]]
    asked = {"resourceType": "Parameters", "parameter": [
        {"name": "start", "valueDate": "2020-05-01"}, {"name": "_count", "valueInteger": 1},
    ]}  # fmt: skip
    posted = body_of(await system.ask("POST", "Patient/p1/$everything", asked, caller=practice))
    assert ids(posted) == ["p1"]
    assert ids(body_of(await system.follow(posted["link"][1]["url"], practice))) == ["measured"]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("$timeline", "start=2020-01-01"), ("$timeline", "from=soon"), ("$timeline", "_count=0"),
        ("$timeline", "_count=x"), ("$timeline", "type=Claim"), ("$timeline", "_sort=status"),
        ("$timeline", "from=2020&from=2021"), ("$timeline", "type=Task&_type=Task"), ("$timeline", "_page=nonsense"),
        ("$timeline", "_page=a&_page=b"), ("$everything", "from=2020"),
    ],
)  # fmt: skip
async def test_what_is_asked_wrongly_is_refused(system, practice: Caller, name: str, query: str) -> None:
    await enter(system)
    body_of(await system.ask("GET", f"Patient/p1/{name}", query=query, caller=practice), 400)


async def test_only_reading_methods_are_taken(system, practice: Caller) -> None:
    await enter(system)
    refused = await system.ask("DELETE", "Patient/p1/$timeline", caller=practice)
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, POST")
    odd = {"resourceType": "Parameters", "parameter": [{"name": "from", "valuePeriod": {"start": "2020"}}]}
    body_of(await system.ask("POST", "Patient/p1/$timeline", odd, caller=practice), 400)


async def test_who_may_see_nothing_learns_nothing(system, other_practice: Caller, practice: Caller) -> None:
    await enter(system)
    for patient in ("p1", "nobody", "not!an!id"):
        refused = await system.ask("GET", f"Patient/{patient}/$timeline", caller=other_practice)
        text = body_of(refused, 404)["issue"][0]["details"]["text"]
        assert text == "There is no Patient with this id that you may see"
    first = body_of(await system.ask("GET", "Patient/p1/$timeline", query="_count=1", caller=practice))
    assert (await system.follow(first["link"][1]["url"], other_practice)).status == 400


async def test_only_types_within_the_scopes_of_the_token_are_shown(system, practice: Caller) -> None:
    await enter(system)
    letters = frozenset("rs")
    narrow = replace(practice, scopes={"Patient": letters, "Task": letters, "Goal": letters})
    assert await whole(system, "$timeline", "", narrow) == [["asked", "undated"]]
    assert (await system.ask("GET", "Patient/p1/$timeline", query="type=Encounter", caller=narrow)).status == 403
    without = replace(practice, scopes={"Task": letters})
    assert (await system.ask("GET", "Patient/p1/$timeline", caller=without)).status == 403


async def test_each_service_leaves_one_audit_entry_for_the_person(system, practice: Caller) -> None:
    await enter(system)
    body_of(await system.ask("GET", "Patient/p1/$timeline", caller=practice))
    for name in OWNED_TYPES:
        async with system.services[name].database.read() as connection:
            rows = await connection.fetch(
                "SELECT organisation, patient, status FROM audit WHERE action = '$timeline' ORDER BY id"
            )
        assert [tuple(row) for row in rows] == [("A81001", "p1", 200)], name


async def test_a_refusal_is_audited_where_the_person_is_known(system, other_practice: Caller) -> None:
    await enter(system)
    await system.ask("GET", "Patient/p1/$timeline", caller=other_practice)
    async with system.services["cohort-service"].database.read() as connection:
        row = await connection.fetchrow("SELECT organisation, patient, status FROM audit WHERE action = '$timeline'")
    assert tuple(row) == ("A81002", "p1", 404)


async def test_a_person_without_records_has_an_empty_timeline(system, practice: Caller) -> None:
    assert (await system.ask("PUT", "Patient/p1", PERSON)).status == 201
    assert await whole(system, "$timeline", "", practice) == [[]]


class Away:
    async def send(self, request: FhirRequest) -> FhirResponse:
        raise FhirError(Kind.UNAVAILABLE)


async def test_while_a_service_is_away_there_is_no_timeline_by_halves(system, practice: Caller) -> None:
    await enter(system)
    system.gateway.routes._backends._backends["mdt-service"] = Away()
    refused = await system.ask("GET", "Patient/p1/$timeline", caller=practice)
    assert "mdt-service" in body_of(refused, 503)["issue"][0]["details"]["text"]
