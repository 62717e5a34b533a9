"""FHIR update interaction: http://hl7.org/fhir/R4/http.html#update, and its conditional form (#cond-update)."""

from __future__ import annotations

from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.body import Resource
from tandem.fhir.changed_since import check_version
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.content import checked_resource
from tandem.fhir.create import create_on
from tandem.fhir.etag import check_if_match
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.store import Stored, load, lock
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import Intent, LostRace, Written
from tandem.fhir.written import written_response

_ATTEMPTS = 5


async def update(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """Store the next version. An identical body makes none.

    Raises FhirError 412 (If-Match), 400/422 (body), 400 (id mismatch), 403/404/409 (right).
    """
    if "if-match" in request.headers or _versioned(kernel, resource_type):
        async with kernel.database.read() as connection:
            held = await visible_resource(kernel, connection, request, resource_type, resource_id)
            await check_version(kernel, connection, request, held)
        _require_if_match(kernel, request, resource_type, held)
    resource = await checked_resource(kernel, request, resource_type)
    check_id(resource, resource_id)
    return written_response(kernel, request, await update_with_retry(kernel, request, resource, resource_id))


async def update_with_retry(kernel: Kernel, request: FhirRequest, resource: Resource, resource_id: str) -> Written:
    """Without If-Match the last write wins, so a lost race is tried again, then with the row held.

    With If-Match the second attempt finds the version changed: 412.
    """
    kind = resource["resourceType"]
    for attempt in range(_ATTEMPTS):
        try:
            async with kernel.writing_connection(kind, transaction=attempt > 0) as connection:
                return await update_on(kernel, connection, request, dict(resource), resource_id, hold=attempt > 0)
        except (UniqueViolation, LostRace):
            continue
    raise FhirError(Kind.CONFLICT, "Other writes of this resource came first")


async def update_on(
    kernel: Kernel,
    connection: Connection,
    request: FhirRequest,
    resource: Resource,
    resource_id: str,
    *,
    hold: bool = True,
) -> Written:
    """Update on an open connection; the resource is valid already.

    Without `hold` (outside a transaction) another write may come first: then LostRace, and nothing is written.
    """
    kind = resource["resourceType"]
    before = await (lock if hold else load)(connection, kind, resource_id)
    await check_update(kernel, connection, request, kind, resource_id, before)
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    return await kernel.writing.apply(connection, Intent(kind, resource_id, before, resource, "update"), context)


async def check_update(
    kernel: Kernel, connection: Connection, request: FhirRequest, kind: str, resource_id: str, before: Stored | None
) -> None:
    """Whether this caller may put a version after `before`, under the version that If-Match names.

    Update-as-create is for operators and loaders; to them an id held by a record out of sight is a 409 with constant
    text, to all others it is not there. Raises FhirError 404, 409, 412.
    """
    may_create = request.caller.sees_all or request.loading
    if before is not None and await visible_resource(kernel, connection, request, kind, resource_id) is None:
        if may_create:
            raise FhirError(Kind.CONFLICT, "This id cannot be used")
        before = None
    await check_version(kernel, connection, request, before)
    if before is None and not may_create:
        raise FhirError(Kind.NOT_FOUND, f"There is no {kind} with this id; POST creates one under an id of ours")
    _require_if_match(kernel, request, kind, before)


def check_id(resource: Resource, resource_id: str) -> None:
    """Raises FhirError 400 when the body's id is missing or another than the address names."""
    if resource.get("id") != resource_id:
        raise FhirError(
            Kind.BAD_REQUEST,
            "The id in the body must be the id in the address",
            expression=f"{resource['resourceType']}.id",
        )


async def update_if_matches(
    kernel: Kernel, request: FhirRequest, resource_type: str, pairs: list[tuple[str, str]]
) -> FhirResponse:
    """Conditional update: none matches, create; one, update it; more, 412."""
    resource = await checked_resource(kernel, request, resource_type)
    async with kernel.database.transaction() as connection:
        await criteria_lock(connection, resource_type, pairs)
        matches = await match_ids(kernel, connection, request, resource_type, pairs)
        if len(matches) > 1:
            raise FhirError(Kind.MULTIPLE_MATCHES, "The criteria match more than one resource")
        own_id = resource.get("id")
        if matches and own_id not in (None, matches[0]):
            raise FhirError(
                Kind.BAD_REQUEST,
                "The criteria match a resource with another id than the body's",
                expression=f"{resource_type}.id",
            )
        if matches or own_id is not None:
            written = await update_on(kernel, connection, request, resource, matches[0] if matches else str(own_id))
        else:
            check_if_match(request, None)
            written = await create_on(kernel, connection, request, resource)
    return written_response(kernel, request, written)


def _versioned(kernel: Kernel, resource_type: str) -> bool:
    declared = kernel.types.get(resource_type)
    return declared is not None and declared.versioned_update


def _require_if_match(kernel: Kernel, request: FhirRequest, kind: str, before: Stored | None) -> None:
    # Several organisations write these at once: an update must say which version it was made from.
    if before is None or before.deleted or "if-match" in request.headers or not _versioned(kernel, kind):
        return
    if not (request.caller.sees_all or request.loading):
        raise FhirError(
            Kind.PRECONDITION_FAILED, f"An update of {kind} needs If-Match with the version it was made from"
        )
