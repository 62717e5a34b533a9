"""What an operation of one service reads of another service while it answers.

A copy kept from events is a little behind; what must be as it is now, or is too much to keep, is read here instead. The
owner applies its own rules of access and audits the read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.identity.caller import Caller, service_caller

MOST: Final = 5000
"""The most resources that one reading gives; more is an error, never a part that looks whole."""
_PAGE: Final = 500
_RETRY_AFTER: Final = "2"
_REFUSALS: Final = {
    kind.status: kind for kind in (Kind.BAD_REQUEST, Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND)
}  # fmt: skip
_T = TypeVar("_T")


class Neighbour(Protocol):
    """Another service, in this process or over HTTP."""

    async def send(self, request: FhirRequest) -> FhirResponse: ...


class NeighbourUnavailable(FhirError):
    """503 with Retry-After, naming the service that did not answer."""

    def __init__(self, service: str) -> None:
        self.service = service
        text = f"{service} is needed for this and cannot be asked just now"
        super().__init__(Kind.UNAVAILABLE, text, headers={"Retry-After": _RETRY_AFTER})


class Neighbours:
    """The other services as one service reads them. Call it outside a transaction: it may take as long as they do.

    Both readings take a search or an operation that answers a Bundle, path and query below the base and
    percent-encoded (`Task?patient=Patient/1&status=requested`), follow its `next` links, and give every resource once:
    matches and what was included. They raise NeighbourUnavailable (503), FhirError 400, 401, 403 or 404 as the
    neighbour refused, and FhirError 400 TOO_COSTLY when there are more than `most`.
    """

    def __init__(self, neighbours: Mapping[str, Neighbour], service: str) -> None:
        self._neighbours = neighbours
        self._service = service

    async def searchset(
        self, service: str, path_and_query: str, request: FhirRequest, *, most: int = MOST
    ) -> list[Resource]:
        """With the token of the caller of `request`: what that organisation may see, and no more.

        Raises ValueError in a job, because a job keeps no token of who asked for it.
        """
        if request.job is not None:
            raise ValueError("a job holds no token of its caller: check the right here and read as the service")
        return await self._resources(service, path_and_query, request, request.caller, most)

    async def searchset_as_service(
        self, service: str, path_and_query: str, request: FhirRequest, *, most: int = MOST
    ) -> list[Resource]:
        """In the name of this service, which sees all: only where another right (a Consent) was checked here."""
        return await self._resources(service, path_and_query, request, service_caller(self._service), most)

    async def _resources(
        self, service: str, path_and_query: str, request: FhirRequest, caller: Caller, most: int
    ) -> list[Resource]:
        path, _, query = path_and_query.partition("?")
        if not any(pair.startswith("_count=") for pair in query.split("&")):
            query = f"{query}{'&' if query else ''}_count={_PAGE}"
        asked = replace(
            request, method="GET", path=path, query=query, headers={}, body=b"", caller=caller, practice=None,
            loading=False, job=None,
        )  # fmt: skip
        found: dict[tuple[str, str], Resource] = {}
        while True:
            bundle = await self._bundle(service, asked)
            for entry in bundle.get("entry") or ():
                if (entry.get("search") or {}).get("mode") != "outcome":
                    resource = entry["resource"]
                    found[resource["resourceType"], resource["id"]] = resource
            if len(found) > most:
                raise FhirError(Kind.TOO_COSTLY, f"{service} holds more than {most} records for this: narrow it")
            following = [link["url"] for link in bundle.get("link") or () if link["relation"] == "next"]
            if not following:
                return list(found.values())
            asked = replace(asked, query=following[0].partition("?")[2])

    async def _bundle(self, service: str, asked: FhirRequest) -> Resource:
        neighbour = self._neighbours.get(service)
        if neighbour is None:
            raise NeighbourUnavailable(service)
        try:
            response = await neighbour.send(asked)
        except FhirError as error:
            if error.kind is not Kind.UNAVAILABLE:
                raise
            raise NeighbourUnavailable(service) from error
        if response.status in _REFUSALS:
            raise _refused(service, response)
        if response.status != 200:
            raise NeighbourUnavailable(service)
        bundle: Resource = decode(response.body)
        return bundle


async def if_it_answers(reading: Awaitable[_T]) -> _T | None:
    """What was read, or None when the neighbour cannot answer just now: for a document that says so in its place."""
    try:
        return await reading
    except NeighbourUnavailable:
        return None


def _refused(service: str, response: FhirResponse) -> FhirError:
    issues = decode(response.body).get("issue") or [{}]
    said = (issues[0].get("details") or {}).get("text") or "no reason given"
    return FhirError(_REFUSALS[response.status], f"{service} refuses to be read for this: {said}")
