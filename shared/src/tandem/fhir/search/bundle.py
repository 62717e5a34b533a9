"""The searchset Bundle (http://hl7.org/fhir/R4/bundle.html#searchset), put together from stored bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.outcome import PROFILE
from tandem.fhir.search.elements import ALWAYS, MANDATORY, SUMMARY
from tandem.fhir.search.engine import Found, SearchPage
from tandem.fhir.search.paging import PAGE, PageToken, sign
from tandem.fhir.search.query import SearchQuery
from tandem.identity.rotated_secret import Secret

_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED",
    "display": "subsetted",
}  # fmt: skip


def query_string(query: SearchQuery) -> str:
    """The parameters that took part, encoded: what `self` shows and page links are signed for."""
    return urlencode(query.used, quote_via=quote, safe="/:,|")


def search_bundle(query: SearchQuery, page: SearchPage, *, base: str, secret: Secret, organisation: str) -> bytes:
    """The Bundle as JSON bytes. `base` is our FHIR base URL without a slash at its end."""
    parts = [b'{"resourceType":"Bundle","type":"searchset"']
    if page.total is not None:
        parts.append(b',"total":%d' % page.total)
    parts.append(b',"link":' + encode(_links(query, page, base, secret, organisation)))
    entries = [_entry(found, b"match", query, base) for found in page.matches]
    entries += [_entry(found, b"include", query, base) for found in page.included]
    if query.ignored:
        entries.append(b'{"resource":' + encode(_ignored(query.ignored)) + b',"search":{"mode":"outcome"}}')
    if entries:
        parts.append(b',"entry":[' + b",".join(entries) + b"]")
    return b"".join(parts) + b"}"


def signed_for(query: SearchQuery) -> str:
    """What the signature of a page link is bound to, beside the organisation."""
    return f"{query.type_name}?{query_string(query)}"


def _links(query: SearchQuery, page: SearchPage, base: str, secret: Secret, organisation: str) -> list[dict[str, str]]:
    own = query_string(query)
    url = f"{base}/{query.type_name}"
    links = [{"relation": "self", "url": f"{url}?{own}" if own else url}]
    for token in (page.next, page.previous):
        if token is not None:
            signed = _sign(query, token, secret, organisation)
            links.append({"relation": token.direction, "url": f"{url}?{own}{'&' if own else ''}{PAGE}={signed}"})
    return links


def _sign(query: SearchQuery, token: PageToken, secret: Secret, organisation: str) -> str:
    return sign(secret, signed_for(query), organisation, token.place, token.direction)


def _entry(found: Found, mode: bytes, query: SearchQuery, base: str) -> bytes:
    partial = query.summary != "false" or (query.elements and found.type == query.type_name)
    body = encode(subset(decode(found.body), query)) if partial else found.body
    full = encode(f"{base}/{found.type}/{found.id}")
    return b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (full, body, mode)


def subset(resource: Resource, query: SearchQuery) -> Resource:
    """The resource with the elements that `_elements` or `_summary` leave, tagged SUBSETTED."""
    name = str(resource["resourceType"])
    kept = _kept(name, query)
    chosen = {
        member: value
        for member, value in resource.items()
        if (member.removeprefix("_") in kept if kept is not None else member.removeprefix("_") != "text")
    }
    meta: dict[str, Any] = dict(chosen.get("meta") or {})
    meta["tag"] = [*(tag for tag in meta.get("tag", ()) if tag.get("code") != "SUBSETTED"), _SUBSETTED]
    rest = {member: value for member, value in chosen.items() if member not in ("resourceType", "id", "meta")}
    return {"resourceType": name, "id": resource["id"], "meta": meta, **rest}


def _kept(name: str, query: SearchQuery) -> frozenset[str] | None:
    """The members that stay, or None for all but the narrative."""
    needed = MANDATORY[name].union(ALWAYS)
    if query.elements:
        return needed.union(query.elements)
    if query.summary == "text":
        return needed | {"text"}
    return needed | SUMMARY[name] if query.summary == "true" else None


def _ignored(texts: Iterable[str]) -> Resource:
    issues = [
        {"severity": "warning", "code": "not-supported", "details": {"text": text}, "diagnostics": text}
        for text in texts
    ]
    return {"resourceType": "OperationOutcome", "meta": {"profile": [PROFILE]}, "issue": issues}
