"""FHIR vread interaction: http://hl7.org/fhir/R4/http.html#vread"""

from __future__ import annotations

from tandem.clock import to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_reads, audit_refusal
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
    row = await _visible_version(kernel, request, resource_type, resource_id, int(version), now)
    if row is None:
        await audit_refusal(kernel.database, request, "vread", resource_type, resource_id, now)
        raise absent
    if row["body"] is None:
        raise FhirError(Kind.GONE, f"In this version the {resource_type} was deleted")
    await audit_reads(
        kernel.database, request, "vread", resource_type, {row["patient"]}, now, resource_id=resource_id
    )
    return FhirResponse(200, row["body"], version_headers(row["version"], row["at"]))


async def _visible_version(
    kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str, version: int, now: int
) -> Row | None:
    async with kernel.database.read() as connection:
        held = await visible_resource(kernel, connection, request, resource_type, resource_id)
        row = await load_version(connection, resource_type, resource_id, version) if held else None
        if held is None or row is None:
            return None
        # A version may be about somebody else than the resource is now, when a wrong person was put right.
        person = row["patient"]
        known = person in (None, held.patient) or await has_access(
            connection, request.caller, person, now, resource_type=resource_type,
            registered_only=kernel.registered_only(),
        )  # fmt: skip
        return row if known else None
