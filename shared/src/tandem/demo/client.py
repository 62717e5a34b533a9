"""A plain FHIR client for the demo and the journey tests: one organisation's token, JSON in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tandem.fhir.body import Resource, decode, encode

_FHIR = "application/fhir+json"


class Refused(Exception):
    """An answer other than success; `outcome` is the OperationOutcome, `status` the HTTP status."""

    def __init__(self, status: int, outcome: Resource) -> None:
        self.status = status
        self.outcome = outcome
        super().__init__(f"{status}: {self.text}")

    @property
    def text(self) -> str:
        """What the first issue says."""
        issues = self.outcome.get("issue") or [{}]
        return str(issues[0].get("details", {}).get("text", ""))


class FhirClient:
    """Requests in the name of one organisation. `url` is the server's root, `token` a bearer token."""

    def __init__(self, http: httpx.AsyncClient, url: str, token: str) -> None:
        self._http = http
        self.base = f"{url}/fhir"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": _FHIR}

    async def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The raw answer. Header names are written with underscores."""
        sent = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = None
        if body is not None:
            sent.setdefault("Content-Type", "application/json-patch+json" if method == "PATCH" else _FHIR)
            content = encode(body)
        return await self._http.request(method, f"{self.base}/{path}", content=content, headers=sent)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Resource:
        """The body of a successful answer, or Refused."""
        response = await self.request(method, path, body, **headers)
        value = decode(response.content) if response.content else {}
        if response.status_code >= 400:
            raise Refused(response.status_code, value)
        resource: Resource = value
        return resource

    async def create(self, resource: Resource) -> Resource:
        """POST to the resource's type."""
        return await self.call("POST", resource["resourceType"], resource)

    async def read(self, reference: str) -> Resource:
        """GET `Type/id`."""
        return await self.call("GET", reference)

    async def patch(self, reference: str, operations: list[dict[str, Any]], version: str | None = None) -> Resource:
        """PATCH with JSON Patch; with `version`, only if that is still the current one."""
        headers = {"If_Match": f'W/"{version}"'} if version else {}
        return await self.call("PATCH", reference, operations, **headers)

    async def search(self, path: str) -> list[Resource]:
        """The matches of the first page of a search such as `Task?patient=Patient/1`."""
        bundle = await self.call("GET", path)
        return [
            entry["resource"] for entry in bundle.get("entry", []) if entry.get("search", {}).get("mode") != "outcome"
        ]

    async def ingest(self, ndjson: bytes) -> Resource:
        """Send NDJSON of any mix of types to `$ingest` and wait for the result: counts and rejects."""
        headers = {**self._headers, "Content-Type": "application/fhir+ndjson", "Prefer": "respond-async"}
        response = await self._http.post(f"{self.base}/$ingest", content=ndjson, headers=headers)
        while response.status_code == 202:
            await asyncio.sleep(0.1)
            place = response.headers.get("Content-Location", str(response.request.url))
            response = await self._http.get(place, headers=self._headers)
        value: Resource = decode(response.content)
        if response.status_code >= 400:
            raise Refused(response.status_code, value)
        return value

    async def caught_up(self) -> None:
        """Wait until every service has taken every event committed so far."""
        state = await self.call("GET", "$caught-up")
        while state.get("caughtUp") is not True:
            state = await _after(0.02, self.call("GET", "$caught-up"))


async def _after(seconds: float, call: Awaitable[Resource]) -> Resource:
    await asyncio.sleep(seconds)
    return await call


async def eventually(look: Callable[[], Awaitable[Any]], settle: Callable[[], Awaitable[None]]) -> Any:
    """What `look` finds once there is something; `settle` waits for the events under way. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while True:
            await settle()
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)
