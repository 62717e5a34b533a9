"""Search and read of AuditEvent: who read or wrote what, for the organisation's own privacy officer."""

from __future__ import annotations

from urllib.parse import urlencode

from tandem.clock import to_micros
from tandem.fhir.body import encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.search.paging import PAGE, sign, verify, without_page
from tandem.fhir.search_type import search_pairs
from tandem.identity.audit_event import audit_event
from tandem.identity.audit_search import count_audit, find_audit, parse_audit_search

_ALONE = {"_total": ("accurate", "estimate", "none"), "_summary": ("count", "false")}


async def search_audit(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """A searchset Bundle of AuditEvents, newest first. Raises FhirError 400 for an unknown parameter."""
    pairs, token = without_page(search_pairs(request))
    pairs = [pair for pair in pairs if pair[0] != "_format"]
    asked = _asked_alone(pairs)
    pairs = [(name, value) for name, value in pairs if name not in _ALONE]
    search = parse_audit_search(pairs, kernel.service.name)
    organisation, signed = request.caller.organisation, f"AuditEvent?{urlencode(pairs)}"
    after = verify(kernel.page_secret, token, signed, organisation).place[0] if token is not None else None
    now = to_micros(kernel.clock.now())
    total = None
    async with kernel.database.read() as connection:
        if asked.get("_total") == "accurate" or asked.get("_summary") == "count":
            total = await count_audit(connection, request.caller, search, now)
        page = await find_audit(
            connection, request.caller, search, now, after=int(after) if after is not None else None
        )
    bundle: dict[str, object] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    url = f"{kernel.base}/AuditEvent?{urlencode(pairs)}"
    links = [{"relation": "self", "url": url}]
    if page.after is not None:
        link = sign(kernel.page_secret, signed, organisation, (page.after,), "next")
        links.append({"relation": "next", "url": f"{url}&{PAGE}={link}"})
    bundle["link"] = links
    if page.rows and asked.get("_summary") != "count":
        events = [audit_event(row, kernel.service.name) for row in page.rows]
        bundle["entry"] = [
            {"fullUrl": f"{kernel.base}/AuditEvent/{event['id']}", "resource": event, "search": {"mode": "match"}}
            for event in events
        ]
    return FhirResponse(200, encode(bundle))


def _asked_alone(pairs: list[tuple[str, str]]) -> dict[str, str]:
    asked = {name: value for name, value in pairs if name in _ALONE}
    issues = [
        Issue(f"{name} takes one of {', '.join(_ALONE[name])} here", name)
        for name, value in asked.items()
        if value not in _ALONE[name]
    ]
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues)
    return asked


async def read_audit(kernel: Kernel, request: FhirRequest, event_id: str) -> FhirResponse:
    """One AuditEvent. Raises FhirError 404 when there is none that the caller may see."""
    search = parse_audit_search([("_id", event_id)], kernel.service.name)
    async with kernel.database.read() as connection:
        page = await find_audit(connection, request.caller, search, to_micros(kernel.clock.now()))
    if not page.rows:
        raise FhirError(Kind.NOT_FOUND, "There is no AuditEvent with this id that you may see")
    return FhirResponse(200, encode(audit_event(page.rows[0], kernel.service.name)))
