"""The services behind the gateway, in the same process or over HTTP: a request goes in, an answer comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import httpx

from tandem.database.connection import (
    CommitUnknown,
    DatabaseFull,
    DatabaseUnavailable,
    SerializationConflict,
    UniqueViolation,
)  # fmt: skip
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import JSON, FhirRequest, FhirResponse
from tandem.telemetry.tracing import tracer

_REQUEST_HEADERS = (
    "accept", "content-type", "if-match", "if-modified-since", "if-none-exist", "if-none-match", "prefer",
)  # fmt: skip
_MESSAGE_HEADERS = (
    "nhsd-end-user-organisation", "nhsd-requesting-practitioner", "nhsd-requesting-software", "nhsd-target-identifier",
)  # fmt: skip
"""Of the NHS booking and referral standard."""
_NAMED = ("x-request-id", "x-correlation-id")
UNNAMED = "x-tandem-unnamed"
"""Which of these two the client left out: they are made up, and an interface that demands them has to know."""
_INTERNAL_HEADERS = ("x-tandem-caller", "x-tandem-practice")
"""Believed only from the gateway itself, so what a client sends under these names is never passed on."""
_WRITTEN_AS = {
    name.lower(): name
    for name in (
        "Allow", "Content-Location", "ETag", "Expires", "Last-Modified", "Link", "Location", "Retry-After",
        "WWW-Authenticate", "X-Log-Reached", "X-Progress",
    )
}  # fmt: skip
"""How the kernel writes the names that it reads in an answer; over HTTP all come in lower case."""
_OF_THE_CONNECTION = frozenset({
    "cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "keep-alive",
    "proxy-authenticate", "server", "te", "trailer", "transfer-encoding", "upgrade", "x-correlation-id",
    "x-request-id",
})  # fmt: skip
"""Headers between two processes, and those this one writes itself; all others are the answer's (RFC 9110 7.6.1)."""
_RETRY_AFTER = "2"
OWN_SECONDS = 30.0
"""So long one service waits for another before it says that it is not there: a client waits behind it."""


class Backend(Protocol):
    """One service as the gateway reaches it."""

    async def send(self, request: FhirRequest) -> FhirResponse:
        """The service's answer; a refusal is an answer too. Raises FhirError(UNAVAILABLE) when there is none."""
        ...


class Answering(Protocol):
    """The routes of a service."""

    async def answer(self, request: FhirRequest) -> FhirResponse: ...


class InProcessBackend:
    """A service in this process: its routes are asked with the caller that is verified already."""

    def __init__(self, routes: Answering) -> None:
        self._routes = routes

    async def send(self, request: FhirRequest) -> FhirResponse:
        try:
            return await self._routes.answer(replace(request, headers=passed_on(request)))
        except (CommitUnknown, DatabaseFull):
            raise
        except (DatabaseUnavailable, SerializationConflict) as error:
            raise FhirError(Kind.UNAVAILABLE, headers={"Retry-After": _RETRY_AFTER}) from error
        except UniqueViolation as error:
            raise FhirError(Kind.DUPLICATE) from error


class HttpBackend:
    """A service at `url` (its `/fhir` is below). `service_token` gives the bearer token of this process itself.

    A client's request may take two minutes; what this process itself wants to know, such as who a person is, may take
    `own_seconds`.
    """

    def __init__(
        self, url: str, service_token: Callable[[], str], *, name: str = "",
        transport: httpx.AsyncBaseTransport | None = None, own_seconds: float = OWN_SECONDS,
    ) -> None:  # fmt: skip
        self._base_url = f"{url.rstrip('/')}/fhir"
        self._service_token = service_token
        self._name = name
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
        self._patient = httpx.Timeout(connect=5, read=120, write=60, pool=30)
        self._asking = httpx.Timeout(own_seconds, connect=5)
        self._client = httpx.AsyncClient(limits=limits, timeout=self._patient, transport=transport)

    async def send(self, request: FhirRequest) -> FhirResponse:
        own = request.caller.service is not None and not request.caller.token
        token = self._service_token() if own else request.caller.token
        headers = {
            **passed_on(request), "authorization": f"Bearer {token}", "x-request-id": request.request_id,
            "x-correlation-id": request.correlation_id,
        }  # fmt: skip
        url = f"{self._base_url}/{request.path}" if request.path else self._base_url
        if request.query:
            url = f"{url}?{request.query}"
        try:
            answer = await self._asked(request, url, headers)
        except httpx.TransportError as error:
            raise FhirError(Kind.UNAVAILABLE, headers={"Retry-After": _RETRY_AFTER}) from error
        kind = answer.headers.get("content-type", JSON)
        return FhirResponse(answer.status_code, answer.content, _answered(answer.headers), kind)

    async def _asked(self, request: FhirRequest, url: str, headers: dict[str, str]) -> httpx.Response:
        if (tracing := tracer()) is None:
            return await self._within(request, url, headers)
        with tracing.asking(self._name, request.method) as trace:
            return await self._within(request, url, headers | trace)

    async def _within(self, request: FhirRequest, url: str, headers: dict[str, str]) -> httpx.Response:
        own = request.method == "GET" and request.caller.service is not None and not request.caller.token
        limits = self._asking if own else self._patient
        return await self._client.request(
            request.method, url, headers=headers, content=request.body, timeout=limits
        )  # fmt: skip

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def passed_on(request: FhirRequest) -> dict[str, str]:
    """The headers of a request that a service is to see."""
    internal = _INTERNAL_HEADERS if request.caller.service is not None else ()
    names = (*_REQUEST_HEADERS, *_MESSAGE_HEADERS, *_NAMED, *internal)
    passed = {name: request.headers[name] for name in names if name in request.headers}
    unnamed = ",".join(name for name in _NAMED if name not in request.headers)
    return passed | {UNNAMED: unnamed} if unnamed else passed


def _answered(headers: httpx.Headers) -> dict[str, str]:
    """The headers of a service's answer, as its routes wrote them."""
    return {
        _WRITTEN_AS.get(name, name): value for name, value in headers.items() if name not in _OF_THE_CONNECTION
    }  # fmt: skip


def unavailable(service: str) -> FhirError:
    """A 503 that names the part; a write that was under way may or may not have been carried out."""
    return FhirError(Kind.UNAVAILABLE, f"{service} cannot be reached just now", headers={"Retry-After": _RETRY_AFTER})


class Backends:
    """All services by name."""

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        self._backends = dict(backends)

    @property
    def names(self) -> tuple[str, ...]:
        """The services, in the order of the ownership table."""
        return tuple(self._backends)

    async def send(self, service: str, request: FhirRequest) -> FhirResponse:
        """The answer of that service. Raises FhirError(UNAVAILABLE)."""
        backend = self._backends.get(service)
        if backend is None:
            raise unavailable(service)
        try:
            return await backend.send(request)
        except FhirError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise unavailable(service) from error
            raise
