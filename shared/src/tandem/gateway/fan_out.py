"""Questions to every service at once, answered as one: searches of the kernel types and the history of the system."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.gateway.backends import Backends
from tandem.gateway.merging import Before, Entry, merge
from tandem.gateway.page_token import PAGE, MergedPage, Position, seal, unseal

_DEFAULT_COUNT, _MOST = 50, 1000
_SORTED_BY = {"_lastUpdated": ("meta", "lastUpdated"), "recorded": ("recorded",), "date": ("recorded",), "_id": ("id",)}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class _Refused(Exception):
    """A service's answer that is no Bundle; it is passed on as it is."""

    def __init__(self, response: FhirResponse) -> None:
        self.response = response
        super().__init__(response.status)


async def merged_history(backends: Backends, secret: bytes, request: FhirRequest) -> FhirResponse:
    """`_history` of the system, or of a kernel type, newest first. Raises FhirError(UNAVAILABLE) if a part is away."""
    return await _answer(backends, secret, request, _newer)


async def merged_search(backends: Backends, secret: bytes, request: FhirRequest, resource_type: str) -> FhirResponse:
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
    return await _answer(backends, secret, asked, _order(resource_type, asked))


async def _answer(backends: Backends, secret: bytes, request: FhirRequest, before: Before) -> FhirResponse:
    query, token = _without_page(request)
    name, organisation = f"{request.path}?{query}", request.caller.organisation
    if token is None:
        page = MergedPage({service: Position(query) for service in backends.names})
    else:
        page = unseal(secret, token, name, organisation)

    async def ask(service: str, part: str) -> Resource:
        response = await backends.send(service, replace(request, query=part))
        if response.status != 200:
            raise _Refused(response)
        bundle: Resource = decode(response.body)
        return bundle

    try:
        merged = await merge(ask, page.positions, _count(query), before)
    except _Refused as refused:
        return refused.response
    if token is None:
        totals = [bundle["total"] for bundle in merged.bundles if "total" in bundle]
        page.total = sum(totals) if len(totals) == len(merged.bundles) else None
    bundle = _head(request, merged.bundles, token)
    if page.total is not None and bundle["type"] == "searchset":
        bundle["total"] = page.total
    if merged.more and merged.entries:
        sealed = seal(secret, MergedPage(merged.positions, page.total), name, organisation)
        joined = f"{query}&" if query else ""
        bundle["link"].append({"relation": "next", "url": f"{request.base}/{request.path}?{joined}{PAGE}={sealed}"})
    if merged.entries or merged.beside:
        bundle["entry"] = merged.entries + merged.beside
    return FhirResponse(200, encode(bundle))


def _head(request: FhirRequest, bundles: list[Resource], token: str | None) -> Resource:
    kind = "history" if request.path.endswith("_history") else "searchset"
    own = f"{request.base}/{request.path}" + (f"?{request.query}" if request.query else "")
    if token is None and bundles:
        # The services say which parameters took part.
        own = next((link["url"] for link in bundles[0].get("link") or () if link["relation"] == "self"), own)
    return {"resourceType": "Bundle", "type": kind, "link": [{"relation": "self", "url": own}]}


def _without_page(request: FhirRequest) -> tuple[str, str | None]:
    parts = [part for part in request.query.split("&") if part]
    tokens = [part.partition("=")[2] for part in parts if part.startswith(f"{PAGE}=")]
    if len(tokens) > 1:
        raise FhirError(Kind.BAD_REQUEST, "There are two page links", expression=PAGE)
    return "&".join(part for part in parts if not part.startswith(f"{PAGE}=")), tokens[0] if tokens else None


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
