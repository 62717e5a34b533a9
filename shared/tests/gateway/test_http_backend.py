"""A service over HTTP: what is passed on, what comes back, and what is not believed from a client."""

from __future__ import annotations

import httpx
import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.gateway.backends import Backends, HttpBackend
from tandem.identity.caller import Caller, service_caller

CLIENT = Caller("A81001", token="client-token")


def request(caller: Caller = CLIENT, path: str = "Task/1", query: str = "") -> FhirRequest:
    headers = {
        "if-match": 'W/"1"', "prefer": "return=minimal", "content-type": "application/fhir+json", "cookie": "secret",
        "x-tandem-caller": "forged", "x-tandem-practice": "A81002", "accept": "application/fhir+json",
    }  # fmt: skip
    return FhirRequest("PUT", path, query, headers, b'{"a":1.50}', "http://public/fhir", "req", "corr", caller)


async def test_a_request_goes_on_with_the_callers_token_and_comes_back_whole() -> None:
    seen: list[httpx.Request] = []

    def handle(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        headers = {
            "ETag": 'W/"2"',
            "Location": "http://public/fhir/Task/1",
            "Link": '<http://public/fhir/Task?page=2>; rel="next"',
            "Tandem-Subscription-Secret": "whsec_x",
            "Server": "x",
            "Connection": "close",
            "Content-Type": "text/plain",
        }
        return httpx.Response(201, content=b"made", headers=headers)

    backend = HttpBackend("http://mdt:8000/", lambda: "own-token", transport=httpx.MockTransport(handle))
    answer = await backend.send(request(query="a=b%7Cc"))
    assert (answer.status, answer.body, answer.content_type) == (201, b"made", "text/plain")
    assert answer.headers == {
        "ETag": 'W/"2"', "Location": "http://public/fhir/Task/1", "tandem-subscription-secret": "whsec_x",
        "Link": '<http://public/fhir/Task?page=2>; rel="next"',
    }  # fmt: skip
    [sent] = seen
    assert str(sent.url) == "http://mdt:8000/fhir/Task/1?a=b%7Cc"
    assert (sent.method, sent.content) == ("PUT", b'{"a":1.50}')
    assert sent.headers["authorization"] == "Bearer client-token"
    assert (sent.headers["x-request-id"], sent.headers["x-correlation-id"]) == ("req", "corr")
    assert sent.headers["if-match"] == 'W/"1"'
    assert not {"cookie", "x-tandem-caller", "x-tandem-practice"} & set(sent.headers)
    await backend.close()


async def test_the_gateways_own_requests_carry_its_token_and_on_whose_behalf() -> None:
    def handle(sent: httpx.Request) -> httpx.Response:
        assert sent.headers["authorization"] == "Bearer own-token"
        assert sent.headers["x-tandem-caller"] == "forged"
        assert str(sent.url) == "http://mdt:8000/fhir"
        return httpx.Response(204)

    backend = HttpBackend("http://mdt:8000", lambda: "own-token", transport=httpx.MockTransport(handle))
    assert (await backend.send(request(service_caller("gateway"), path=""))).status == 204
    await backend.close()


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
)
async def test_a_service_that_does_not_answer_is_a_503_that_names_it(fault: Exception) -> None:
    def handle(sent: httpx.Request) -> httpx.Response:
        raise fault

    backend = HttpBackend("http://mdt:8000", lambda: "", transport=httpx.MockTransport(handle))
    with pytest.raises(FhirError) as refused:
        await Backends({"mdt-service": backend}).send("mdt-service", request())
    assert refused.value.kind is Kind.UNAVAILABLE
    assert refused.value.headers == {"Retry-After": "2"}
    assert "mdt-service" in refused.value.issues[0].text
    await backend.close()


async def test_a_service_that_is_not_configured_is_a_503_too() -> None:
    with pytest.raises(FhirError) as refused:
        await Backends({}).send("mdt-service", request())
    assert refused.value.kind is Kind.UNAVAILABLE
