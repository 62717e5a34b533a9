"""Questions to every service at once, answered as one: searches of the kernel types and the history of the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.search.paging import PAGE, without_page
from tandem.gateway.backends import Backends
from tandem.gateway.merging import Before, Beyond, Entry, Merged, merge
from tandem.gateway.page_token import MergedPage, Position, seal, unseal
from tandem.identity.rotated_secret import Secret

PlaceOf = Callable[[Entry], tuple[int | str, ...]]
"""Where an entry stands in the order; sorts before another when it stands before it."""
_DEFAULT_COUNT, _MOST = 50, 1000
_SORTED_BY = {"_lastUpdated": ("meta", "lastUpdated"), "recorded": ("recorded",), "date": ("recorded",), "_id": ("id",)}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class _Refused(Exception):
    """A service's answer that is no Bundle; it is passed on as it is."""

    def __init__(self, response: FhirResponse) -> None:
        self.response = response
        super().__init__(response.status)


async def merged_history(backends: Backends, secret: Secret, request: FhirRequest) -> FhirResponse:
    """`_history` of the system, or of a kernel type, newest first. Raises FhirError(UNAVAILABLE) if a part is away."""
    return await merged(backends, secret, request, _newer)


async def merged_search(backends: Backends, secret: Secret, request: FhirRequest, resource_type: str) -> FhirResponse:
    """A search of a kernel type over all services, in the order of `_sort`.

    Raises FhirError 400 for a `_sort` that several services cannot be merged by.
    """
    query = request.query
    if request.method == "POST":
        try:
            query = "&".join(part for part in (query, request.body.decode()) if part)
        except UnicodeDecodeError:
            raise FhirError(Kind.BAD_REQUEST, "The form is not valid UTF-8") from None
    asked = replace(request, method="GET", path=resource_type, query=query, body=b"")
    return await merged(backends, secret, asked, _order(resource_type, asked))


async def merged(
    backends: Backends, secret: Secret, request: FhirRequest, before: Before, *, place: PlaceOf | None = None,
    parts_may_lack: bool = False,
) -> FhirResponse:  # fmt: skip
    """A page of what all services answer to the request, in the order of `before`.

    With `place`, what sorts to it never goes back: what is written between two pages and stands before the end of the
    first is not shown. With `parts_may_lack`, a 404 of one service adds nothing, unless every service says so.
    """
    pairs, token = without_page(request.parameters())
    query = urlencode(pairs, quote_via=quote, safe="/:,|")
    name, organisation = f"{request.path}?{query}", request.caller.organisation
    if token is None:
        page = MergedPage({service: Position(query) for service in backends.names})
    else:
        page = unseal(secret, token, name, organisation)
    lacking: dict[str, FhirResponse] = {}

    async def ask(service: str, part: str) -> Resource:
        response = await backends.send(service, replace(request, query=part))
        if parts_may_lack and response.status == Kind.NOT_FOUND.status:
            lacking[service] = response
            return {"resourceType": "Bundle"}
        if response.status != 200:
            raise _Refused(response)
        bundle: Resource = decode(response.body)
        return bundle

    try:
        found = await merge(ask, page.positions, _count(query), before, _beyond(page, place))
    except _Refused as refused:
        return refused.response
    if lacking and len(lacking) == len(found.bundles):
        return next(iter(lacking.values()))
    if token is None:
        totals = [bundle["total"] for bundle in found.bundles if "total" in bundle]
        page.total = sum(totals) if len(totals) == len(found.bundles) else None
    after = None
    if found.more and found.entries:
        last = place(found.entries[-1]) if place is not None else None
        after = f"{PAGE}={seal(secret, MergedPage(found.positions, page.total, last), name, organisation)}"
    return FhirResponse(200, encode(_bundle(request, found, page.total, _links(request, found, query, token, after))))


def _beyond(page: MergedPage, place: PlaceOf | None) -> Beyond:
    last = page.last
    return lambda entry: place is None or last is None or place(entry) > last


def _bundle(request: FhirRequest, found: Merged, total: int | None, links: list[dict[str, str]]) -> Resource:
    kind = "history" if request.path.endswith("_history") else "searchset"
    bundle: Resource = {"resourceType": "Bundle", "type": kind, "link": links}
    if total is not None and kind == "searchset":
        bundle["total"] = total
    if found.entries or found.beside:
        bundle["entry"] = found.entries + found.beside
    return bundle


def _links(
    request: FhirRequest, found: Merged, query: str, token: str | None, after: str | None
) -> list[dict[str, str]]:
    url = f"{request.base}/{request.path}"
    own = url + (f"?{request.query}" if request.query else "")
    if token is None and found.bundles:
        # The services say which parameters took part.
        told = [link["url"] for link in found.bundles[0].get("link") or () if link["relation"] == "self"]
        own = told[0] if told else own
    links = [{"relation": "self", "url": own}]
    if after is not None:
        links.append({"relation": "next", "url": f"{url}?{query}{'&' if query else ''}{after}"})
    return links


def _count(query: str) -> int:
    # A service refuses what is no number; here it only must not matter.
    wanted = [value for name, value in parse_pairs(query) if name == "_count"]
    readable = bool(wanted) and wanted[0].isascii() and wanted[0].isdigit() and len(wanted[0]) < 10
    return min(int(wanted[0]), _MOST) if readable else _DEFAULT_COUNT


def _newer(one: Entry, other: Entry) -> bool:
    return _changed(one) > _changed(other)


def _changed(entry: Entry) -> str:
    return str((entry.get("response") or {}).get("lastModified", ""))


def _order(resource_type: str, request: FhirRequest) -> Before:
    wanted = [value for name, value in request.parameters() if name == "_sort"]
    keys = wanted[0].split(",") if wanted else ["-date"] if resource_type == "AuditEvent" else ["_lastUpdated"]
    if len(wanted) > 1 or any(key.removeprefix("-") not in _SORTED_BY for key in keys):
        known = ", ".join(sorted(_SORTED_BY))
        text = f"{resource_type} comes from several services and is sorted by {known} only"
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, text, expression="_sort")

    def before(one: Entry, other: Entry) -> bool:
        for key in keys:
            path = _SORTED_BY[key.removeprefix("-")]
            first, second = _value(one, path), _value(other, path)
            if first != second:
                return bool(first > second) if key.startswith("-") else bool(first < second)
        return False

    return before


def _value(entry: Entry, path: tuple[str, ...]) -> Any:
    value: Any = entry.get("resource") or {}
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if path == ("id",):
        return str(value or "")
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return _EARLIEST
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
