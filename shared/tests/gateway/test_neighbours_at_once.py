"""Several readings of one neighbour in one round trip: each gives what it gives alone, or is refused alone."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tandem.fhir.body import Resource
from tandem.fhir.neighbours import Neighbours, NeighbourUnavailable
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.gateway.backends import HttpBackend
from tandem.identity.caller import ALL_LETTERS, Caller

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
BASE = "http://tandem.test/fhir"
PRACTICE = Caller("A81001", scopes={"*": ALL_LETTERS}, token="of-the-practice")
STRANGER = Caller("A81002", scopes={"*": ALL_LETTERS}, token="of-a-stranger")
READER = Caller("A81001", scopes={"Patient": frozenset("rs")}, token="of-a-reader")
CONDITIONS, PEOPLE = "Condition?subject=Patient/1", "Patient?_id=1"


def asked_by(caller: Caller) -> FhirRequest:
    headers = {"if-none-match": 'W/"1"', "prefer": "handling=lenient", "content-type": "application/fhir+json"}
    return FhirRequest("POST", "CarePlan/1/$document", "x=y", headers, b"{}", BASE, "request", "correlation", caller)


def ids(answer: list[Resource] | FhirError) -> list[str]:
    assert isinstance(answer, list), answer
    return [each["id"] for each in answer]


@pytest.fixture
async def neighbours(fresh_system: Any) -> Any:
    """The other services as careplan-service reads them; a person of the practice has five conditions."""
    async with fresh_system() as system:
        practice = {"type": "Organization", "identifier": {"system": ODS, "value": "A81001"}}
        patient = {"resourceType": "Patient", "id": "1", "managingOrganization": practice}
        assert (await system.ask("PUT", "Patient/1", patient)).status == 201
        for number in range(5):
            condition = {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": "Patient/1"},
                         "code": {"text": "Asthma"}}  # fmt: skip
            assert (await system.ask("PUT", f"Condition/c{number}", condition)).status == 201
        yield Neighbours(system.backends, "careplan-service")


async def test_each_gives_what_it_gives_alone_with_all_its_pages(neighbours: Neighbours) -> None:
    paths = [
        PEOPLE,
        f"{CONDITIONS}&_count=2",
        "Condition?subject=Patient/2",
        f"{CONDITIONS}&_include=Condition:subject",
    ]
    together = await neighbours.searchsets("cohort-service", paths, asked_by(PRACTICE))
    assert together == [await neighbours.searchset("cohort-service", each, asked_by(PRACTICE)) for each in paths]
    assert [len(ids(each)) for each in together] == [1, 5, 0, 6]


async def test_each_sees_what_the_caller_may_see_and_is_refused_alone(neighbours: Neighbours) -> None:
    paths = [PEOPLE, CONDITIONS]
    assert await neighbours.searchsets("cohort-service", paths, asked_by(STRANGER)) == [[], []]
    person, conditions = await neighbours.searchsets("cohort-service", paths, asked_by(READER))
    assert ids(person) == ["1"]
    assert isinstance(conditions, FhirError)
    assert conditions.kind is Kind.FORBIDDEN
    assert "cohort-service refuses" in str(conditions)


async def test_a_fault_of_ours_and_too_much_are_told_in_their_places(neighbours: Neighbours) -> None:
    paths = ["Condition?nonsense=1", CONDITIONS, PEOPLE]
    fault, many, person = await neighbours.searchsets("cohort-service", paths, asked_by(PRACTICE), most=4)
    assert isinstance(fault, FhirError)
    assert isinstance(many, FhirError)
    assert (fault.kind, many.kind) == (Kind.BAD_REQUEST, Kind.TOO_COSTLY)
    assert ids(person) == ["1"]


async def test_a_job_has_no_token_to_ask_with(neighbours: Neighbours) -> None:
    request = asked_by(PRACTICE)
    request.job = object()  # type: ignore[assignment]
    with pytest.raises(ValueError, match="job"):
        await neighbours.searchsets("cohort-service", [PEOPLE], request)


def over_http(handle: Any) -> Neighbours:
    backend = HttpBackend("http://mdt:8000", lambda: "of-the-service", transport=httpx.MockTransport(handle))
    return Neighbours({"mdt-service": backend}, "careplan-service")


def searchset(*names: str, following: str | None = None) -> Resource:
    entries = [{"resource": {"resourceType": "Task", "id": each}} for each in names]
    links = [{"relation": "next", "url": following}] if following else []
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": links}


async def test_over_http_it_is_one_batch_with_the_callers_token_and_links_are_followed() -> None:
    seen: list[httpx.Request] = []

    def handle(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        if sent.method == "GET":
            return httpx.Response(200, content=json.dumps(searchset("3")))
        answers = [
            {"response": {"status": "200"}, "resource": searchset("1", "2", following=f"{BASE}/Task?_page=a.b")},
            {"response": {"status": "503", "outcome": {"resourceType": "OperationOutcome", "issue": []}}},
        ]
        return httpx.Response(200, content=json.dumps({"resourceType": "Bundle", "entry": answers}))

    paths = ["Task?patient=Patient/1", "Appointment?_id=1,2"]
    tasks, appointments = await over_http(handle).searchsets("mdt-service", paths, asked_by(PRACTICE))
    assert ids(tasks) == ["1", "2", "3"]
    assert isinstance(appointments, NeighbourUnavailable)
    assert [(each.method, str(each.url)) for each in seen] == [
        ("POST", "http://mdt:8000/fhir"), ("GET", "http://mdt:8000/fhir/Task?_page=a.b"),
    ]  # fmt: skip
    assert {each.headers["authorization"] for each in seen} == {"Bearer of-the-practice"}
    assert {each.headers["x-request-id"] for each in seen} == {"request"}
    assert not {"if-none-match", "prefer"} & set(seen[0].headers)
    asked = [each["request"] for each in json.loads(seen[0].content)["entry"]]
    assert asked == [{"method": "GET", "url": f"{each}&_count=500"} for each in paths]


async def test_one_reading_is_no_batch() -> None:
    def handle(sent: httpx.Request) -> httpx.Response:
        assert sent.method == "GET"
        return httpx.Response(200, content=json.dumps(searchset("1")))

    (tasks,) = await over_http(handle).searchsets("mdt-service", ["Task?patient=Patient/1"], asked_by(PRACTICE))
    assert ids(tasks) == ["1"]


@pytest.mark.parametrize("paths", [["Task?a=1"], ["Task?a=1", "Task?b=1"]])
async def test_a_service_that_is_away_is_away_for_all(paths: list[str]) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    answers = await over_http(away).searchsets("mdt-service", paths, asked_by(PRACTICE))
    assert [type(each) for each in answers] == [NeighbourUnavailable] * len(paths)
