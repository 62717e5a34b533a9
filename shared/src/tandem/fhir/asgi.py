"""The FHIR endpoint as a plain ASGI application: bytes in, bytes out, with as little as possible between.

Mounted in each process's FastAPI app under `/fhir`. Every answer carries X-Request-ID and X-Correlation-ID; every
refusal is an OperationOutcome; no exception leaves here and no patient data goes into a log.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from tandem.fhir.admission import Admission, Unlimited, Visit
from tandem.fhir.faults import fault_response
from tandem.fhir.measuring import measure_request
from tandem.fhir.request import FhirRequest, FhirResponse, check_media_types, decoded_path
from tandem.fhir.transfer import Receive, Scope, Send, read_body, send_body
from tandem.identity.caller import Caller
from tandem.ids import IdSource
from tandem.telemetry.doing import DOING, Doing
from tandem.telemetry.request_log import RouteTemplates, log_request
from tandem.telemetry.trace_ids import parent_of
from tandem.telemetry.tracing import tracer

Verify = Callable[[str | None], Awaitable[Caller]]
Answer = Callable[[FhirRequest], Awaitable[FhirResponse]]

_OPEN = {"metadata"}
_MAX_ID = 128


class FhirEndpoint:
    """Turns HTTP into FhirRequest and FhirResponse into HTTP. `answer` is Routes.answer or GatewayRoutes.answer.

    `admission` says whether and when a request is worked on.
    """

    def __init__(
        self, name: str, answer: Answer, verify: Verify, ids: IdSource, base: str, *, max_body: int, max_ingest: int,
        operations: Iterable[str] = (), admission: Admission | None = None,
    ) -> None:  # fmt: skip
        self._name = name
        self._answer = answer
        self._verify = verify
        self._ids = ids
        self._base = base
        self._max_body = max_body
        self._max_ingest = max_ingest
        self._templates = RouteTemplates(operations)
        self._admission: Admission = admission or Unlimited()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = FhirRequest(
            scope["method"], _path(scope), scope["query_string"].decode("latin-1"), headers, b"", self._base,
            self._named(headers, "x-request-id"), self._correlation(headers),
        )  # fmt: skip
        route = self._templates.of(request.path)
        doing = DOING.set(Doing(self._name, request.request_id, request.correlation_id))
        visit = self._admission.visit()
        try:
            response = await self._traced(request, receive, visit, route)
            seconds = time.perf_counter() - started
            log_request(request.method, route, response.status, seconds, request.caller.organisation)
            response.headers.setdefault("X-Request-ID", request.request_id)
            response.headers.setdefault("X-Correlation-ID", request.correlation_id)
            measure_request(self._name, request, response.status, seconds)
            request.body = b""
            visit.answered(len(response.body))
            await _send(scope, send, request, response, self._admission.seconds)
        finally:
            visit.end()
            DOING.reset(doing)

    async def _traced(self, request: FhirRequest, receive: Receive, visit: Visit, route: str) -> FhirResponse:
        tracing = tracer()
        if tracing is None:
            return await self._guarded(request, receive, visit)
        sent = request.headers.get("traceparent")
        with tracing.request(self._name, request.method, route, request.correlation_id, sent) as span:
            response = await self._guarded(request, receive, visit)
            span.answered(response.status, request.caller.organisation)
        return response

    async def _guarded(self, request: FhirRequest, receive: Receive, visit: Visit) -> FhirResponse:
        try:
            if request.path not in _OPEN:
                request.caller = await self._verify(request.headers.get("authorization"))
            visit.admit(request.caller)
            limit = self._max_ingest if request.path == "$ingest" else self._max_body
            request.body = await read_body(request.headers, receive, limit, visit, self._admission.seconds)
            check_media_types(request)
            await visit.begin()
            return await self._answer(request)
        except Exception as error:
            return fault_response(request, error)

    def _correlation(self, headers: dict[str, str]) -> str:
        # A client that traces and names no correlation is answered in its own trace.
        if "x-correlation-id" not in headers and (found := parent_of(headers.get("traceparent", ""))) is not None:
            return found[0]
        return self._named(headers, "x-correlation-id")

    def _named(self, headers: dict[str, str], header: str) -> str:
        given = headers.get(header, "")
        return given if 0 < len(given) <= _MAX_ID and given.isprintable() and given.isascii() else self._ids.new()


def _path(scope: Scope) -> str:
    """The path below the FHIR base, percent-decoded but for encoded slashes: those are part of a name."""
    root = scope.get("root_path", "")
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" in raw.lower():
        path = decoded_path(raw.decode("latin-1"))
    path = path.removeprefix(root).strip("/")
    return path.removeprefix("fhir").lstrip("/") if path == "fhir" or path.startswith("fhir/") else path


async def _send(scope: Scope, send: Send, request: FhirRequest, response: FhirResponse, seconds: float) -> None:
    body = response.body
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if body:
        headers.append((b"content-type", response.content_type.encode()))
    headers.append((b"cache-control", b"no-store"))
    if response.status not in (204, 304):
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send_body(scope, send, b"" if request.method == "HEAD" else body, seconds)
