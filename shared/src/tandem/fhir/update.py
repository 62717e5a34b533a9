"""FHIR update interaction: http://hl7.org/fhir/R4/http.html#update, and its conditional form (#cond-update)."""

from __future__ import annotations

from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.body import Resource
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.content import checked_resource
from tandem.fhir.create import create_on
from tandem.fhir.etag import check_if_match
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.store import Stored, load, lock
from tandem.fhir.visibility import visible_resource
from tandem.fhir.written import written_response
from tandem.fhir.writing import Intent, Written

_ATTEMPTS = 5


async def update(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """Store the next version. An identical body makes none.

    Raises FhirError 412 (If-Match), 400/422 (body), 400 (id mismatch), 403/404/409 (right).
    """
    if "if-match" in request.headers:
        async with kernel.database.read() as connection:
            check_if_match(request, await visible_resource(kernel, connection, request, resource_type, resource_id))
    elif kernel.types[resource_type].versioned_update if resource_type in kernel.types else False:
        await _require_if_match(kernel, request, resource_type, resource_id)
    resource = checked_resource(kernel, request, resource_type)
    check_id(resource, resource_id)
    return written_response(kernel, request, await update_with_retry(kernel, request, resource, resource_id))


async def update_with_retry(kernel: Kernel, request: FhirRequest, resource: Resource, resource_id: str) -> Written:
    """Without If-Match the last write wins, so a lost race is simply tried again."""
    for attempt in range(_ATTEMPTS):
        try:
            async with kernel.writing_connection(resource["resourceType"]) as connection:
                return await update_on(kernel, connection, request, dict(resource), resource_id)
        except (UniqueViolation, FhirError) as error:
            lost = isinstance(error, UniqueViolation) or error.kind is Kind.CONFLICT
            if not lost or attempt == _ATTEMPTS - 1 or "if-match" in request.headers:
                if isinstance(error, UniqueViolation):
                    raise FhirError(Kind.CONFLICT, "Another write of this resource came first") from error
                raise
    raise AssertionError("unreachable")


async def update_on(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource: Resource, resource_id: str
) -> Written:
    """Update on an open connection; the resource is valid already."""
    kind = resource["resourceType"]
    before = await lock(connection, kind, resource_id)
    await check_update(kernel, connection, request, kind, resource_id, before)
    check_if_match(request, before)
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    return await kernel.writing.apply(connection, Intent(kind, resource_id, before, resource, "update"), context)


async def check_update(
    kernel: Kernel, connection: Connection, request: FhirRequest, kind: str, resource_id: str, before: Stored | None
) -> None:
    """Update-as-create is for operators and loaders; an id held by a record out of sight is a 409 with constant text."""
    if before is None:
        if not (request.caller.sees_all or request.loading):
            raise FhirError(Kind.NOT_FOUND, f"There is no {kind} with this id; POST creates one under an id of ours")
        return
    if await visible_resource(kernel, connection, request, kind, resource_id) is None:
        raise FhirError(Kind.CONFLICT, "This id cannot be used")


def check_id(resource: Resource, resource_id: str) -> None:
    """Raises FhirError 400 when the body's id is missing or another than the address names."""
    if resource.get("id") != resource_id:
        raise FhirError(
            Kind.BAD_REQUEST, "The id in the body must be the id in the address", expression=f"{resource['resourceType']}.id"
        )


async def update_if_matches(
    kernel: Kernel, request: FhirRequest, resource_type: str, pairs: list[tuple[str, str]]
) -> FhirResponse:
    """Conditional update: none matches, create; one, update it; more, 412."""
    resource = checked_resource(kernel, request, resource_type)
    async with kernel.database.transaction() as connection:
        await criteria_lock(connection, resource_type, pairs)
        matches = await match_ids(kernel, connection, request, resource_type, pairs)
        if len(matches) > 1:
            raise FhirError(Kind.MULTIPLE_MATCHES, "The criteria match more than one resource")
        if not matches:
            if resource.get("id") is not None:
                written = await update_on(kernel, connection, request, resource, str(resource["id"]))
            else:
                written = await create_on(kernel, connection, request, resource)
        else:
            if resource.get("id") not in (None, matches[0]):
                raise FhirError(Kind.BAD_REQUEST, "The criteria match a resource with another id than the body's")
            written = await update_on(kernel, connection, request, resource, matches[0])
    return written_response(kernel, request, written)


async def _require_if_match(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> None:
    # Several organisations write these at once: an update must say which version it was made from.
    async with kernel.database.read() as connection:
        held = await load(connection, resource_type, resource_id)
    if held is not None and not held.deleted and not (request.caller.sees_all or request.loading):
        raise FhirError(Kind.PRECONDITION_FAILED, f"An update of {resource_type} needs If-Match with the version it was made from")
