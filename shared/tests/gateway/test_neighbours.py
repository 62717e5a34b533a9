"""What an operation of one service reads of another: with whose right, how much, and what when there is no answer."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tandem.fhir.neighbours import Neighbours, NeighbourUnavailable, if_it_answers
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import HttpBackend
from tandem.identity.caller import ALL_LETTERS, Caller

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
BASE = "http://tandem.test/fhir"
PRACTICE = Caller("A81001", scopes={"*": ALL_LETTERS}, token="of-the-practice")
STRANGER = Caller("A81002", scopes={"*": ALL_LETTERS}, token="of-a-stranger")
READER = Caller("A81001", scopes={"Patient": frozenset("rs")}, token="of-a-reader")


def asked_by(caller: Caller) -> FhirRequest:
    headers = {"if-none-match": 'W/"1"', "prefer": "handling=lenient", "content-type": "application/fhir+json"}
    return FhirRequest("POST", "CarePlan/1/$document", "x=y", headers, b"{}", BASE, "request", "correlation", caller)


@pytest.fixture
async def neighbours(fresh_system: Any) -> Any:
    """The other services as careplan-service reads them; a person of the practice has seven conditions."""
    async with fresh_system() as system:
        practice = {"type": "Organization", "identifier": {"system": ODS, "value": "A81001"}}
        patient = {"resourceType": "Patient", "id": "1", "managingOrganization": practice}
        assert (await system.ask("PUT", "Patient/1", patient)).status == 201
        for number in range(7):
            condition = {
                "resourceType": "Condition", "id": f"c{number}", "subject": {"reference": "Patient/1"},
                "code": {"text": "Asthma"},
            }  # fmt: skip
            assert (await system.ask("PUT", f"Condition/c{number}", condition)).status == 201
        yield Neighbours(system.backends, "careplan-service")


async def test_every_page_is_read_and_every_resource_given_once(neighbours: Neighbours) -> None:
    path = "Condition?subject=Patient/1&_include=Condition:subject&_count=2"
    found = await neighbours.searchset("cohort-service", path, asked_by(PRACTICE))
    assert [f"{each['resourceType']}/{each['id']}" for each in found if each["resourceType"] == "Condition"] == [
        f"Condition/c{number}" for number in range(7)
    ]
    assert [each["id"] for each in found if each["resourceType"] == "Patient"] == ["1"]
    assert len(found) == 8


async def test_the_caller_sees_there_what_the_caller_may_see(neighbours: Neighbours) -> None:
    assert await neighbours.searchset("cohort-service", "Condition?subject=Patient/1", asked_by(STRANGER)) == []
    with pytest.raises(FhirError, match="cohort-service refuses") as refused:
        await neighbours.searchset("cohort-service", "Condition?subject=Patient/1", asked_by(READER))
    assert refused.value.kind is Kind.FORBIDDEN


async def test_the_service_itself_sees_all(neighbours: Neighbours) -> None:
    found = await neighbours.searchset_as_service(
        "cohort-service", "Condition?subject=Patient/1", asked_by(STRANGER)
    )  # fmt: skip
    assert len(found) == 7


async def test_a_parameter_that_is_not_there_is_refused_and_not_left_out(neighbours: Neighbours) -> None:
    with pytest.raises(FhirError, match="cohort-service refuses") as refused:
        await neighbours.searchset("cohort-service", "Condition?nonsense=1", asked_by(PRACTICE))
    assert refused.value.kind is Kind.BAD_REQUEST


async def test_more_than_the_bound_is_an_error_and_never_a_part(neighbours: Neighbours) -> None:
    path = "Condition?subject=Patient/1&_count=2"
    assert len(await neighbours.searchset("cohort-service", path, asked_by(PRACTICE), most=7)) == 7
    with pytest.raises(FhirError, match="more than 6") as refused:
        await neighbours.searchset("cohort-service", path, asked_by(PRACTICE), most=6)
    assert refused.value.kind is Kind.TOO_COSTLY


async def test_a_job_may_read_as_the_service_only(neighbours: Neighbours) -> None:
    request = asked_by(PRACTICE)
    request.job = object()  # type: ignore[assignment]
    with pytest.raises(ValueError, match="job"):
        await neighbours.searchset("cohort-service", "Condition?subject=Patient/1", request)
    assert len(await neighbours.searchset_as_service("cohort-service", "Condition", request)) == 7


def over_http(handle: Any) -> Neighbours:
    backend = HttpBackend("http://mdt:8000", lambda: "of-the-service", transport=httpx.MockTransport(handle))
    return Neighbours({"mdt-service": backend}, "careplan-service")


def page(*ids: str, following: str | None = None) -> httpx.Response:
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "Task", "id": each}} for each in ids],
        "link": [{"relation": "self", "url": f"{BASE}/Task"}],
    }
    if following is not None:
        bundle["link"].append({"relation": "next", "url": following})
    return httpx.Response(200, content=json.dumps(bundle))


async def test_over_http_the_token_is_the_callers_and_links_are_followed_at_the_service() -> None:
    seen: list[httpx.Request] = []

    def handle(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        return page("1", following=f"{BASE}/Task?_page=a.b") if len(seen) == 1 else page("2")

    found = await over_http(handle).searchset("mdt-service", "Task?patient=Patient/1", asked_by(PRACTICE))
    assert [each["id"] for each in found] == ["1", "2"]
    assert [str(each.url) for each in seen] == [
        "http://mdt:8000/fhir/Task?patient=Patient/1&_count=500", "http://mdt:8000/fhir/Task?_page=a.b",
    ]  # fmt: skip
    for sent in seen:
        assert (sent.method, sent.content) == ("GET", b"")
        assert sent.headers["authorization"] == "Bearer of-the-practice"
        assert (sent.headers["x-request-id"], sent.headers["x-correlation-id"]) == ("request", "correlation")
        assert not {"if-none-match", "prefer", "content-type"} & set(sent.headers)


async def test_over_http_the_services_own_token_is_another() -> None:
    tokens: list[str] = []

    def handle(sent: httpx.Request) -> httpx.Response:
        tokens.append(sent.headers["authorization"])
        return page()

    assert await over_http(handle).searchset_as_service("mdt-service", "Task", asked_by(PRACTICE)) == []
    assert tokens == ["Bearer of-the-service"]


def away(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def failing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(500, content=b"{}")


@pytest.mark.parametrize("handle", [away, failing])
async def test_a_neighbour_that_cannot_answer_is_named(handle: Any) -> None:
    neighbours = over_http(handle)
    with pytest.raises(NeighbourUnavailable, match="mdt-service") as refused:
        await neighbours.searchset("mdt-service", "Task", asked_by(PRACTICE))
    assert (refused.value.kind.status, refused.value.headers) == (503, {"Retry-After": "2"})
    assert await if_it_answers(neighbours.searchset("mdt-service", "Task", asked_by(PRACTICE))) is None


async def test_no_way_to_a_service_is_no_answer() -> None:
    with pytest.raises(NeighbourUnavailable, match="referral-service"):
        await over_http(away).searchset("referral-service", "ServiceRequest", asked_by(PRACTICE))


async def test_only_a_neighbour_that_is_away_gives_none(neighbours: Neighbours) -> None:
    reading = neighbours.searchset("cohort-service", "Condition?subject=Patient/1", asked_by(READER))
    with pytest.raises(FhirError, match="refuses"):
        await if_it_answers(reading)
    assert await if_it_answers(neighbours.searchset("cohort-service", "Condition", asked_by(STRANGER))) == []


class _Refusing:
    async def send(self, request: FhirRequest) -> FhirResponse:
        return FhirResponse(503, b"{}")


async def test_a_refusal_as_unavailable_is_no_answer_either() -> None:
    neighbours = Neighbours({"mdt-service": _Refusing()}, "careplan-service")
    assert await if_it_answers(neighbours.searchset("mdt-service", "Task", asked_by(PRACTICE))) is None
