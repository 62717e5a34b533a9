"""A service's part of a person's timeline: `Patient/{id}/$timeline` and `$everything`, which every service answers.

The gateway asks all services and merges what they answer. A part is a searchset of the records that the caller may
read there, in the order of `tandem.fhir.timeline_order`, with a signed link to the next page.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

from tandem.canonical import TIMELINE_ENTRY
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads, audit_refusal
from tandem.fhir.body import encode
from tandem.fhir.clinical_dates import CLINICAL_DATE, clinical_date
from tandem.fhir.clinical_text import clinical_text
from tandem.fhir.kernel import Kernel, check_scope
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.search.paging import PAGE, sign, verify, without_page
from tandem.fhir.timeline_order import Place, entered_in_error, place_of, within
from tandem.fhir.timeline_query import EVERYTHING, TIMELINE, TimelineQuery, timeline_query
from tandem.fhir.timeline_records import PersonRecord, may_see_person, records_of_person
from tandem.identity.audit_event import organisation_reference
from tandem.identity.caller import Caller

PERSON_OPERATIONS = (EVERYTHING, TIMELINE)
_Placed = tuple[Place, PersonRecord]


async def timeline(kernel: Kernel, request: FhirRequest, patient: str, name: str) -> FhirResponse:
    """This service's part. Raises FhirError 400 for what is asked wrongly, 403 without the scope, 404 for a person who
    is not known here or of whom the caller may see nothing here."""
    if request.method != "GET":
        raise FhirError(Kind.METHOD_NOT_ALLOWED, f"{name} takes GET here", headers={"Allow": "GET"})
    check_scope(request.caller, "Patient", "r")
    pairs, token = without_page([pair for pair in request.parameters() if pair[0] != "_format"])
    query = timeline_query(name, pairs)
    types = _types(kernel, request.caller, query)
    now, after = to_micros(kernel.clock.now()), _after(kernel, request, patient, query, token)
    async with kernel.database.read() as connection:
        seen = await may_see_person(kernel, connection, request.caller, patient, now, (*CLINICAL_DATE, "Patient"))
        records = records_of_person(kernel, connection, request.caller, patient, now, types, query.since)
        page = await _page(records, query, after) if seen and types else []
    if not seen:
        await audit_refusal(kernel.database, request, name, "Patient", patient, now)
        raise FhirError(Kind.NOT_FOUND, "There is no Patient with this id that you may see")
    await audit_reads(kernel.database, request, name, "Patient", {patient}, now, resource_id=patient)
    return FhirResponse(200, encode(_bundle(kernel, request, patient, query, page)))


def _types(kernel: Kernel, caller: Caller, query: TimelineQuery) -> frozenset[str]:
    """The types of this service that are asked for and that the token's scopes open."""
    if query.types is not None:
        for name in sorted(query.types):
            check_scope(caller, name, "r")
    asked = query.types or ({*CLINICAL_DATE, "Patient"} if query.name == EVERYTHING else set(CLINICAL_DATE))
    return frozenset(name for name in asked if name in kernel.types and caller.may(name, "r"))


def _after(
    kernel: Kernel, request: FhirRequest, patient: str, query: TimelineQuery, token: str | None
) -> Place | None:
    if token is None:
        return None
    place = verify(kernel.page_secret, token, _signed(patient, query), request.caller.organisation).place
    rank, moment, kind, name = place
    return int(rank or 0), int(moment or 0), str(kind), str(name)


async def _page(records: AsyncIterator[PersonRecord], query: TimelineQuery, after: Place | None) -> list[_Placed]:
    """The first records of the page, and one more when there is more."""
    best: list[_Placed] = []
    async for record in records:
        if query.name == TIMELINE and entered_in_error(record.resource):
            continue
        if not within(record.resource, query.start, query.end):
            continue
        place = place_of(record.resource, oldest_first=query.oldest_first)
        if after is None or place > after:
            best.append((place, record))
        if len(best) > 4 * query.count + 500:
            best = _first(best, query.count + 1)
    return _first(best, query.count + 1)


def _first(placed: list[_Placed], count: int) -> list[_Placed]:
    return heapq.nsmallest(count, placed, key=lambda each: each[0])


def _bundle(
    kernel: Kernel, request: FhirRequest, patient: str, query: TimelineQuery, page: list[_Placed]
) -> dict[str, Any]:
    own = _query_string(query)
    url = f"{kernel.base}/Patient/{patient}/{query.name}"
    links = [{"relation": "self", "url": f"{url}?{own}" if own else url}]
    shown = page[: query.count]
    if len(page) > len(shown):
        organisation = request.caller.organisation
        link = sign(kernel.page_secret, _signed(patient, query), organisation, shown[-1][0], "next")
        links.append({"relation": "next", "url": f"{url}?{own}{'&' if own else ''}{PAGE}={link}"})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if shown:
        bundle["entry"] = [_entry(kernel, record) for _, record in shown]
    return bundle


def _entry(kernel: Kernel, record: PersonRecord) -> dict[str, Any]:
    resource = record.resource
    reference = f"{resource['resourceType']}/{resource['id']}"
    entry = {"fullUrl": f"{kernel.base}/{reference}", "resource": resource, "search": {"mode": "match"}}
    if resource["resourceType"] == "Patient":
        return entry
    parts: list[dict[str, Any]] = [
        {"url": "record", "valueReference": {"reference": reference, "type": resource["resourceType"]}}
    ]
    if (when := clinical_date(resource)) is not None:
        parts.append({"url": "date", "valueDateTime": when})
    if (what := clinical_text(resource)) is not None:
        parts.append({"url": "what", "valueString": what})
    if record.author is not None:
        parts.append({"url": "author", "valueReference": organisation_reference(record.author)})
    return {**entry, "extension": [{"url": TIMELINE_ENTRY, "extension": parts}]}


def _signed(patient: str, query: TimelineQuery) -> str:
    return f"Patient/{patient}/{query.name}?{_query_string(query)}"


def _query_string(query: TimelineQuery) -> str:
    return urlencode(query.used, quote_via=quote, safe="/:,|")
