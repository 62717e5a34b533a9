"""FHIR delete interaction: http://hl7.org/fhir/R4/http.html#delete, and its conditional form (#3.1.0.7.1)."""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.fhir.changed_since import check_version
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.etag import version_headers
from tandem.fhir.kernel import Kernel, write_context
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import Intent, Written


async def delete(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """Delete; the versions stay in the history. Deleting again is 204 too. Raises FhirError 404, 412."""
    async with kernel.database.transaction() as connection:
        written = await delete_on(kernel, connection, request, resource_type, resource_id)
    return FhirResponse(204, headers=version_headers(written.version, written.updated))


async def delete_on(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource_type: str, resource_id: str
) -> Written:
    """Delete in an open transaction."""
    held = await visible_resource(kernel, connection, request, resource_type, resource_id, lock=True)
    if held is None:
        raise FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
    if held.deleted:
        return Written(resource_type, resource_id, held.version, held.updated, None, False, False)
    await check_version(kernel, connection, request, held)
    context = write_context(request.caller, request.request_id, request.correlation_id)
    return await kernel.writing.apply(connection, Intent(resource_type, resource_id, held, None, "delete"), context)


async def delete_if_matches(
    kernel: Kernel, request: FhirRequest, resource_type: str, pairs: list[tuple[str, str]]
) -> FhirResponse:
    """Conditional delete of one: none matches, 204; more than one, 412 and nothing is deleted."""
    async with kernel.database.transaction() as connection:
        await criteria_lock(connection, resource_type, pairs)
        matches = await match_ids(kernel, connection, request, resource_type, pairs)
        if len(matches) > 1:
            raise FhirError(Kind.MULTIPLE_MATCHES, "The criteria match more than one resource")
        if matches:
            await delete_on(kernel, connection, request, resource_type, matches[0])
    return FhirResponse(204)
