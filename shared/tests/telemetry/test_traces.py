"""One trace: from the POST of a Task through outbox, transport and inbox to the fact of metrics-service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tandem.clock import SettableClock
from tandem.identity.issuer import LocalIssuer
from tandem.runtime.embedded import EmbeddedSystem
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.settings import Settings
from tandem.telemetry.opentelemetry_tracer import OpenTelemetryTracer, open_telemetry
from tandem.telemetry.trace_ids import trace_id_of
from tandem.telemetry.tracing import stop_tracing, trace_with

pytestmark = pytest.mark.asyncio(loop_scope="module")
MORNING = datetime(2020, 7, 1, 8, tzinfo=UTC)
NUMBER, FAMILY = "9449305552", "Marlowequill"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Traced:
    """What was traced, by trace."""

    def __init__(self, exporter: InMemorySpanExporter, tracer: OpenTelemetryTracer) -> None:
        self._exporter, self._tracer = exporter, tracer

    def spans(self) -> list[ReadableSpan]:
        self._tracer.flush()
        return list(self._exporter.get_finished_spans())

    def of(self, trace: str) -> list[ReadableSpan]:
        return [span for span in self.spans() if f"{span.context.trace_id:032x}" == trace]


@pytest.fixture
def traced() -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    tracer = open_telemetry("tried", "1", "http://127.0.0.1:9", 1.0, exporter)
    trace_with(tracer)
    yield Traced(exporter, tracer)
    stop_tracing()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedSystem]:
    data = tmp_path_factory.mktemp("traced")
    system = EmbeddedSystem(data, Settings(public_url="http://tandem"), clock=SettableClock(MORNING))
    async with system.running():
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(system: EmbeddedSystem) -> AsyncIterator[httpx.AsyncClient]:
    token = LocalIssuer(system.data, LOCAL_ISSUER, LOCAL_AUDIENCE).mint("T0001", operator=True)
    transport = httpx.ASGITransport(system.app())
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem/fhir", headers=headers) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(http: httpx.AsyncClient) -> str:
    """The id of somebody who is registered."""
    person = {
        "resourceType": "Patient", "name": [{"family": FAMILY}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBER}],
    }  # fmt: skip
    made = await http.post("/Patient", json=person)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def level(http: httpx.AsyncClient) -> None:
    state: dict[str, Any] = {}
    while not state.get("caughtUp"):
        state = (await http.get("/$caught-up")).json()


def task(person: str) -> dict[str, Any]:
    return {
        "resourceType": "Task", "status": "requested", "intent": "order", "description": FAMILY,
        "for": {"reference": f"Patient/{person}"},
    }  # fmt: skip


def named(spans: list[ReadableSpan], name: str, **attributes: str) -> ReadableSpan:
    wanted = {f"tandem.{key}": value for key, value in attributes.items()}
    found = [span for span in spans if span.name == name and wanted.items() <= dict(span.attributes or {}).items()]
    assert len(found) == 1, (name, attributes, [span.name for span in spans])
    return found[0]


async def test_a_task_is_followed_to_its_fact(http: httpx.AsyncClient, person: str, traced: Traced) -> None:
    made = await http.post("/Task", json=task(person), headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    assert made.status_code == 201, made.text
    assert made.headers["x-correlation-id"] == TRACE
    await level(http)

    spans = traced.of(TRACE)
    request = named(spans, "POST /Task")
    write = named(spans, "write fhir.Task.create", service="mdt-service")
    publish = named(spans, "publish fhir.Task.create", service="mdt-service")
    take = named(spans, "take fhir.Task.create", service="metrics-service")
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CALLER
    assert write.parent is not None
    assert write.parent.span_id == request.context.span_id
    for span in (publish, take):
        assert span.parent is not None
        assert span.parent.span_id == write.context.span_id
    assert {"http.response.status_code": 201, "tandem.organisation": "T0001"}.items() <= dict(
        request.attributes or {}
    ).items()


async def test_what_an_event_leads_to_is_in_its_trace(http: httpx.AsyncClient, person: str, traced: Traced) -> None:
    correlation = "0b0a2f4e-6c1b-4a53-9f5e-2f6d8b1f7c10"
    request = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{person}"}, "performer": [{"identifier": {
            "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "T0001"}}],
    }  # fmt: skip
    made = await http.post("/ServiceRequest", json=request, headers={"X-Correlation-ID": correlation})
    assert made.status_code == 201, made.text
    await level(http)
    spans = traced.of(trace_id_of(correlation))
    effects = [span for span in spans if span.name.startswith(("apply ", "take "))]
    assert {(span.attributes or {})["tandem.service"] for span in effects} >= {"metrics-service", "mdt-service"}
    written = {span.context.span_id for span in spans if span.name.startswith("write ")}
    for span in effects:
        assert span.parent is not None
        assert span.parent.span_id in written


async def test_a_trace_that_is_not_the_correlations_is_linked(http: httpx.AsyncClient, traced: Traced) -> None:
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Correlation-ID": "another"}
    assert (await http.get("/Task", headers=headers)).status_code == 200
    span = named(traced.of(trace_id_of("another")), "GET /Task")
    assert span.parent is None
    assert [f"{link.context.span_id:016x}" for link in span.links] == [CALLER]


async def test_the_framework_sends_nothing(monkeypatch: pytest.MonkeyPatch, http: httpx.AsyncClient) -> None:
    # Its spans hold query strings, and what it logs messages of exceptions.
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    answer = await http.get(f"http://tandem/docs?patient={NUMBER}")
    assert answer.status_code == 200
    assert exporter.get_finished_spans() == ()


async def test_no_span_holds_anything_of_the_person(http: httpx.AsyncClient, person: str, traced: Traced) -> None:
    assert (await http.post("/Task", json=task(person))).status_code == 201
    asked = (f"Patient/{person}", f"Patient?identifier={NUMBER}", f"Task?patient={person}", f"{FAMILY}/{NUMBER}")
    for path in asked:
        await http.get(f"/{path}", headers={"X-Correlation-ID": f"{FAMILY} {NUMBER}"})
    await level(http)
    spans = traced.spans()
    assert len(spans) > 10
    for span in spans:
        text = json.dumps(json.loads(span.to_json()))
        for secret in (person, NUMBER, FAMILY):
            assert secret not in text, span.name
