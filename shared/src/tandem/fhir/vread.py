"""FHIR vread interaction: http://hl7.org/fhir/R4/http.html#vread"""

from __future__ import annotations

from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.etag import version_headers
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.store import load_version
from tandem.fhir.visibility import visible_resource
from tandem.identity.access import has_access


async def vread(
    kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str, version: str
) -> FhirResponse:
    """One version. Who may see the resource now may see its versions. Raises FhirError 404, 410."""
    absent = FhirError(Kind.NOT_FOUND, f"There is no such version of a {resource_type} that you may see")
    if not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise absent
    now = to_micros(kernel.clock.now())
    async with kernel.database.read() as connection:
        held = await visible_resource(kernel, connection, request, resource_type, resource_id)
        row = await load_version(connection, resource_type, resource_id, int(version)) if held else None
        if held is None or row is None:
            raise absent
        # A version may be about somebody else than the resource is now, when a wrong person was put right.
        person = row["patient"]
        if person not in (None, held.patient) and not await has_access(
            connection, request.caller, person, now, registered_only=kernel.registered_only()
        ):
            raise absent
    if row["body"] is None:
        raise FhirError(Kind.GONE, f"In this version the {resource_type} was deleted")
    await audit_reads(kernel.database, request, "vread", resource_type, {person}, now, resource_id=resource_id)
    return FhirResponse(200, row["body"], version_headers(row["version"], row["at"]))
