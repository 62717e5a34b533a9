"""What an operation of one service reads of another service while it answers.

A copy kept from events is a little behind; what must be as it is now, or is too much to keep, is read here instead. The
owner applies its own rules of access and audits the read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import JSON, FhirRequest, FhirResponse
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

    async def answer_as_service(self, service: str, path_and_query: str, request: FhirRequest) -> Any:
        """The JSON that an operation among the services answers. Raises as the readings do."""
        return await self._bundle(service, _asked(request, service_caller(self._service), path_and_query))

    async def searchsets(
        self, service: str, paths_and_queries: Sequence[str], request: FhirRequest, *, most: int = MOST
    ) -> list[list[Resource] | FhirError]:
        """As many `searchset` of one service in one round trip, as a FHIR batch: what each gives, or would raise.

        A refusal of one leaves the others as they are; a service that does not answer leaves none. Raises ValueError in
        a job, and FhirError 401 when the token is refused as such.
        """
        if request.job is not None:
            raise ValueError("a job holds no token of its caller: check the right here and read as the service")
        asked = [_asked(request, request.caller, each) for each in paths_and_queries]
        if len(asked) == 1:
            return [await self._settled(service, asked[0], None, most)]
        entries = [{"request": {"method": "GET", "url": f"{each.path}?{each.query}"}} for each in asked]
        body = encode({"resourceType": "Bundle", "type": "batch", "entry": entries})
        posted = replace(asked[0], method="POST", path="", query="", headers={"content-type": JSON}, body=body)
        try:
            answers = (await self._bundle(service, posted))["entry"]
        except NeighbourUnavailable as away:
            return [away for _ in asked]
        return [await self._settled(service, each, answer, most) for each, answer in zip(asked, answers, strict=True)]

    async def _settled(
        self, service: str, asked: FhirRequest, answer: Mapping[str, Any] | None, most: int
    ) -> list[Resource] | FhirError:
        try:
            first = None if answer is None else _entry_bundle(service, answer)
            return await self._all_pages(service, asked, first, most)
        except FhirError as error:
            return error

    async def _resources(
        self, service: str, path_and_query: str, request: FhirRequest, caller: Caller, most: int
    ) -> list[Resource]:
        return await self._all_pages(service, _asked(request, caller, path_and_query), None, most)

    async def _all_pages(self, service: str, asked: FhirRequest, first: Resource | None, most: int) -> list[Resource]:
        found: dict[tuple[str, str], Resource] = {}
        bundle = first if first is not None else await self._bundle(service, asked)
        while True:
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
            bundle = await self._bundle(service, asked)

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
            raise _refused(service, response.status, decode(response.body))
        if response.status != 200:
            raise NeighbourUnavailable(service)
        bundle: Resource = decode(response.body)
        return bundle


def _asked(request: FhirRequest, caller: Caller, path_and_query: str) -> FhirRequest:
    path, _, query = path_and_query.partition("?")
    if not any(pair.startswith("_count=") for pair in query.split("&")):
        query = f"{query}{'&' if query else ''}_count={_PAGE}"
    return replace(
        request, method="GET", path=path, query=query, headers={}, body=b"", caller=caller, practice=None,
        loading=False, job=None,
    )  # fmt: skip


def _entry_bundle(service: str, answer: Mapping[str, Any]) -> Resource:
    """The Bundle in an entry of a batch-response. Raises as the same request by itself."""
    said = answer["response"]
    status = int(said["status"].partition(" ")[0])
    if status in _REFUSALS:
        raise _refused(service, status, said.get("outcome") or {})
    if status != 200 or "resource" not in answer:
        raise NeighbourUnavailable(service)
    bundle: Resource = answer["resource"]
    return bundle


async def if_it_answers(reading: Awaitable[_T]) -> _T | None:
    """What was read, or None when the neighbour cannot answer just now: for a document that says so in its place."""
    try:
        return await reading
    except NeighbourUnavailable:
        return None


def _refused(service: str, status: int, outcome: Mapping[str, Any]) -> FhirError:
    issues = outcome.get("issue") or [{}]
    said = (issues[0].get("details") or {}).get("text") or "no reason given"
    return FhirError(_REFUSALS[status], f"{service} refuses to be read for this: {said}")
