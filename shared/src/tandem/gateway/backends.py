"""The services behind the gateway, in the same process or over HTTP: a request goes in, an answer comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

import httpx

from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import JSON, FhirRequest, FhirResponse

_REQUEST_HEADERS = (
    "accept", "content-type", "if-match", "if-modified-since", "if-none-exist", "if-none-match", "prefer",
)  # fmt: skip
_INTERNAL_HEADERS = ("x-tandem-caller", "x-tandem-practice")
"""Believed only from the gateway itself, so what a client sends under these names is never passed on."""
_RESPONSE_HEADERS = (
    "Allow", "Content-Location", "ETag", "Expires", "Last-Modified", "Location", "Retry-After", "WWW-Authenticate",
    "X-Progress",
)  # fmt: skip
_RETRY_AFTER = "2"


class Backend(Protocol):
    """One service as the gateway reaches it."""

    async def send(self, request: FhirRequest) -> FhirResponse:
        """The service's answer; a refusal is an answer too. Raises FhirError(UNAVAILABLE) when there is none."""
        ...


class InProcessBackend:
    """A service in this process: its routes are asked with the caller that the gateway has verified."""

    def __init__(self, service: str, answer: Callable[[FhirRequest], Awaitable[FhirResponse]]) -> None:
        self._service = service
        self._answer = answer

    async def send(self, request: FhirRequest) -> FhirResponse:
        try:
            return await self._answer(replace(request, headers=passed_on(request)))
        except DatabaseUnavailable as error:
            raise unavailable(self._service) from error


class HttpBackend:
    """A service at a base URL (ending in `/fhir`). `service_token` gives the gateway's own bearer token."""

    def __init__(self, service: str, base_url: str, client: httpx.AsyncClient, service_token: Callable[[], str]) -> None:
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._client = client
        self._service_token = service_token

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
            answer = await self._client.request(request.method, url, headers=headers, content=request.body)
        except httpx.TransportError as error:
            raise unavailable(self._service) from error
        kept = {name: answer.headers[name] for name in _RESPONSE_HEADERS if name in answer.headers}
        return FhirResponse(answer.status_code, answer.content, kept, answer.headers.get("content-type", JSON))


def passed_on(request: FhirRequest) -> dict[str, str]:
    """The headers of a request that a service is to see."""
    names = _REQUEST_HEADERS + (_INTERNAL_HEADERS if request.caller.service is not None else ())
    return {name: request.headers[name] for name in names if name in request.headers}


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
        return await backend.send(request)
