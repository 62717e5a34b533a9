"""AuditEvent, Provenance and Subscription: each service keeps those of its own resources; here they look like one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tandem.fhir.body import decode, parse_resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backends
from tandem.gateway.fan_out import merged_history, merged_search
from tandem.gateway.owners import owner_of_subject
from tandem.identity.rotated_secret import Secret


class KernelTypes:
    """Carries out the interactions of the kernel types over all services."""

    def __init__(self, backends: Backends, secret: Secret) -> None:
        self._backends = backends
        self._secret = secret

    async def answer(self, request: FhirRequest, segments: list[str]) -> FhirResponse:
        """The answer. Raises FhirError, also UNAVAILABLE when any service cannot say whether it holds the resource."""
        kind, rest = segments[0], segments[1:]
        match rest:
            case [] if request.method == "GET":
                return await merged_search(self._backends, self._secret, request, kind)
            case ["_search"] if request.method == "POST":
                return await merged_search(self._backends, self._secret, request, kind)
            case ["_history"] if request.method == "GET" and kind != "AuditEvent":
                return await merged_history(self._backends, self._secret, request)
            case [] if request.method in ("POST", "PUT") and kind != "AuditEvent":
                return await self._backends.send(owner_of_subject(parse_resource(request.body), request.base), request)
            case [] if request.method == "DELETE" and kind != "AuditEvent":
                return await self._delete_if_matches(request)
            case [_] if request.method == "GET" and kind == "AuditEvent":
                return await self._first(request)
            case [resource_id, *_] if not resource_id.startswith(("_", "$")) and kind != "AuditEvent":
                return await self._instance(request, f"{kind}/{resource_id}", len(rest) == 1)
        # The rest is the same wherever it is answered: a refusal, or `$validate`.
        return await self._backends.send(self._backends.names[0], request)

    async def _instance(self, request: FhirRequest, name: str, whole: bool) -> FhirResponse:
        if request.method in ("GET", "HEAD"):
            return await self._first(request)
        holder = await self._holder(request, name)
        if holder is None and whole and request.method == "PUT":
            holder = owner_of_subject(parse_resource(request.body), request.base)
        return await self._backends.send(holder or self._backends.names[0], request)

    async def _first(self, request: FhirRequest) -> FhirResponse:
        answers = await self._ask_all(request)
        found = [answer for answer in answers.values() if answer.status != Kind.NOT_FOUND.status]
        return found[0] if found else next(iter(answers.values()))

    async def _holder(self, request: FhirRequest, name: str) -> str | None:
        answers = await self._ask_all(replace(request, method="GET", path=name, query="", headers={}, body=b""))
        held = [service for service, answer in answers.items() if answer.status in (200, Kind.GONE.status)]
        return held[0] if held else None

    async def _delete_if_matches(self, request: FhirRequest) -> FhirResponse:
        if not request.query:
            return await self._backends.send(self._backends.names[0], request)
        answers = await self._ask_all(replace(request, method="GET", headers={}, body=b""))
        refused = [answer for answer in answers.values() if answer.status != 200]
        if refused:
            return refused[0]
        matches = {service: len(decode(answer.body).get("entry") or ()) for service, answer in answers.items()}
        if sum(matches.values()) > 1:
            raise FhirError(Kind.MULTIPLE_MATCHES, "The criteria match more than one resource")
        holder = next((service for service, count in matches.items() if count), self._backends.names[0])
        return await self._backends.send(holder, request)

    async def _ask_all(self, request: FhirRequest) -> dict[str, FhirResponse]:
        names = self._backends.names
        answers = await asyncio.gather(*(self._backends.send(name, replace(request)) for name in names))
        return dict(zip(names, answers, strict=True))
