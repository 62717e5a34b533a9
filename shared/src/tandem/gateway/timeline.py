"""A person's timeline over all services: each answers its part with the caller's own rights, here they become one.

`Patient/{id}/$everything` is the standard operation (http://hl7.org/fhir/R4/patient-operation-everything.html),
`$timeline` the same records in the order of when things happened, without the person and what was entered in error
(PCN-080).
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from tandem.fhir.body import parse_resource
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.operation import body_parameters
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.timeline_order import Place, place_of
from tandem.gateway.backends import Backends
from tandem.gateway.fan_out import merged
from tandem.gateway.merging import Entry
from tandem.identity.rotated_secret import Secret


async def merged_timeline(backends: Backends, secret: Secret, request: FhirRequest, patient: str) -> FhirResponse:
    """A page of it. A part that knows nothing of the person, or shows the caller nothing, adds nothing; when all say
    so, it is a 404. Raises FhirError(UNAVAILABLE) naming the part that is away: nobody could tell what is missing."""
    if not is_logical_id(patient):
        raise FhirError(Kind.NOT_FOUND, "There is no Patient with this id that you may see")
    asked = _as_get(request)
    oldest_first = ("_sort", "date") in asked.parameters()

    def place(entry: Entry) -> Place:
        return place_of(entry["resource"], oldest_first=oldest_first)

    def before(one: Entry, other: Entry) -> bool:
        return place(one) < place(other)

    return await merged(backends, secret, asked, before, place=place, parts_may_lack=True)


def _as_get(request: FhirRequest) -> FhirRequest:
    """The request with its Parameters in the address, as its page links have them. Raises FhirError 400, 405."""
    if request.method not in ("GET", "POST"):
        raise FhirError(Kind.METHOD_NOT_ALLOWED, "This takes GET or POST", headers={"Allow": "GET, POST"})
    pairs = request.parameters()
    if request.method == "POST" and request.body:
        for name, value in body_parameters(parse_resource(request.body)):
            if not isinstance(value, str | int):
                raise FhirError(Kind.BAD_REQUEST, "Its parameters are dates, codes and numbers", expression=name[:64])
            pairs.append((name, str(value)))
    query = urlencode(pairs, quote_via=quote, safe="/:,|")
    return replace(request, method="GET", query=query, body=b"", headers=_without_content_type(request))


def _without_content_type(request: FhirRequest) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name != "content-type"}
