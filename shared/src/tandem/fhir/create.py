"""FHIR create interaction: http://hl7.org/fhir/R4/http.html#create, and its conditional form (#ccreate)."""

from __future__ import annotations

from urllib.parse import urlencode

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.content import checked_resource
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.repeated_request import earlier_answer, is_named
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.store import load
from tandem.fhir.writing import Intent, Written
from tandem.fhir.written import written_response
from tandem.identity.audit import record


async def create(kernel: Kernel, request: FhirRequest, resource_type: str) -> FhirResponse:
    """Store a new resource under an id of our choosing.

    Raises FhirError 400/422 for a body that is not a valid resource, 403 without the right, 412 when If-None-Exist
    matches several.
    """
    resource = await checked_resource(kernel, request, resource_type)
    criteria = _criteria(request)
    if criteria is not None:
        return await _create_if_none_exist(kernel, request, resource_type, resource, criteria)
    if is_named(kernel, request, resource_type):
        return await _create_once(kernel, request, resource)
    async with kernel.writing_connection(resource_type) as connection:
        written = await create_on(kernel, connection, request, resource)
    return written_response(kernel, request, written)


def _criteria(request: FhirRequest) -> str | None:
    """If-None-Exist; or the query of the address, where some clients (fhirpy) put the same criteria."""
    header = request.headers.get("if-none-exist")
    if header is not None:
        return header
    pairs = [(name, value) for name, value in request.parameters() if name != "_format"]
    return urlencode(pairs) if pairs else None


async def _create_once(kernel: Kernel, request: FhirRequest, resource: Resource) -> FhirResponse:
    identity = kernel.ids.new()
    async with kernel.database.transaction() as connection:
        written = await earlier_answer(kernel, connection, request, resource, identity)
        if written is None:
            written = await create_on(kernel, connection, request, resource, identity)
    return written_response(kernel, request, written)


async def create_on(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource: Resource, identity: str | None = None
) -> Written:
    """Create on an open connection; the resource is valid already."""
    intent = Intent(resource["resourceType"], identity or kernel.ids.new(), None, resource, "create")
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    return await kernel.writing.apply(connection, intent, context)


async def _create_if_none_exist(
    kernel: Kernel, request: FhirRequest, resource_type: str, resource: Resource, criteria: str
) -> FhirResponse:
    pairs = parse_pairs(criteria.lstrip("?").removeprefix(f"{resource_type}?"))
    async with kernel.database.transaction() as connection:
        # Parallel requests with the same criteria queue here, so that exactly one of them creates.
        await criteria_lock(connection, resource_type, pairs)
        matches = await match_ids(kernel, connection, request, resource_type, pairs)
        if not matches:
            return written_response(kernel, request, await create_on(kernel, connection, request, resource))
        if len(matches) > 1:
            raise FhirError(Kind.MULTIPLE_MATCHES, "If-None-Exist matches more than one resource")
        found = await found_on(kernel, connection, request, resource_type, matches[0])
    return written_response(kernel, request, found)


async def found_on(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource_type: str, resource_id: str
) -> Written:
    """What If-None-Exist matched, as the answer to a create that made nothing; audited as the read that it is.

    Its body goes only to whoever may read this type.
    """
    held = await load(connection, resource_type, resource_id)
    assert held is not None and held.body is not None, "a search finds what is there"
    at = to_micros(kernel.clock.now())
    entry = audit_entry(request, "read", at, resource_type=resource_type, resource_id=resource_id, patient=held.patient)
    await record(connection, [entry])
    body = held.body if request.caller.may(resource_type, "r") else None
    return Written(resource_type, resource_id, held.version, held.updated, body, created=False, changed=False)
