"""One trace across six processes: from a Task at the gateway, through RabbitMQ, to the fact of metrics-service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tandem.demo.client import FhirClient, eventually
from tandem_tests.neighbourhood import MARK, register
from tandem_tests.services_of_a_test import NewServices

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """Takes spans by OTLP over HTTP, as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self._requests: list[ExportTraceServiceRequest] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                sent = ExportTraceServiceRequest()
                sent.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                collector._requests.append(sent)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def text(self) -> str:
        """All that was sent, as text."""
        return "\n".join(map(str, self._requests))

    def spans(self, trace: str) -> list[tuple[str, Any]]:
        """The process and the span, of all of this trace."""
        return [
            (resource.resource.attributes[0].value.string_value, span)
            for request in self._requests for resource in request.resource_spans
            for scope in resource.scope_spans for span in scope.spans if span.trace_id.hex() == trace
        ]  # fmt: skip

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of the test's own."""
    found = Collector()
    yield found
    found.close()


async def test_a_task_is_followed_through_every_process(
    new_services: NewServices, collector: Collector, http: httpx.AsyncClient
) -> None:
    environment = {"TANDEM_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    services = await asyncio.to_thread(lambda: new_services(environment=environment))
    practice = FhirClient(http, services.url, services.token("Y98001"))
    operator = FhirClient(http, services.url, services.token("T0001", operator=True))
    home = await operator.create({
        "resourceType": "Organization", "active": True, "name": "A practice",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y98001"}],
    })  # fmt: skip
    person, number = await register(practice, home["id"])
    await practice.caught_up()
    task = {
        "resourceType": "Task", "status": "requested", "intent": "order", "description": MARK,
        "for": {"reference": f"Patient/{person}"},
    }  # fmt: skip
    made = await practice.request("POST", "Task", task, traceparent=f"00-{TRACE}-{CALLER}-01")
    assert made.status_code == 201, made.text
    await practice.caught_up()

    def named(name: str, process: str) -> Any:
        return next((span for at, span in collector.spans(TRACE) if (span.name, at) == (name, process)), None)

    async def arrived() -> Any:
        return named("take fhir.Task.create", "metrics-service")

    async def at_once() -> None:
        await asyncio.sleep(0)

    take = await eventually(arrived, at_once)
    front = await eventually(lambda: _now(named("POST /Task", "gateway")), at_once)
    asking = await eventually(lambda: _now(named("POST at mdt-service", "gateway")), at_once)
    owner = await eventually(lambda: _now(named("POST /Task", "mdt-service")), at_once)
    write = await eventually(lambda: _now(named("write fhir.Task.create", "mdt-service")), at_once)
    publish = await eventually(lambda: _now(named("publish fhir.Task.create", "mdt-service")), at_once)
    assert front.parent_span_id.hex() == CALLER
    for child, parent in ((asking, front), (owner, asking), (write, owner), (publish, write), (take, write)):
        assert child.parent_span_id == parent.span_id, (child.name, parent.name)
    status = await operator.call("GET", "$status")
    assert (status["status"], status["problems"]) == ("ok", [])
    assert all(each["state"]["pool"]["limit"] == 4 for each in status["processes"])
    for secret in (number, MARK, person):
        assert secret not in collector.text


async def _now(found: Any) -> Any:
    return found
