"""FHIR read interaction: http://hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

from dataclasses import replace

from tandem.clock import to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_entry, audit_refusal
from tandem.fhir.etag import not_modified, version_headers
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.identity.access import visible
from tandem.identity.audit import audit_cte, record


async def read(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> FhirResponse:
    """The current resource, answered from its stored bytes.

    Raises FhirError 404 (there is none, or the caller may not see it: the same answer), 410 (deleted).
    """
    row = await _visible_row(kernel, request, resource_type, resource_id)
    if row is None:
        now = to_micros(kernel.clock.now())
        await audit_refusal(kernel.database, request, "read", resource_type, resource_id, now)
        raise FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
    headers = version_headers(row["version"], row["updated"])
    if row["deleted"]:
        raise FhirError(Kind.GONE, f"This {resource_type} was deleted", headers=headers)
    if not_modified(request, row["version"], row["updated"]):
        return FhirResponse(304, headers=headers)
    return FhirResponse(200, row["body"], headers)


async def _visible_row(kernel: Kernel, request: FhirRequest, resource_type: str, resource_id: str) -> Row | None:
    now = to_micros(kernel.clock.now())
    params: list[object] = [resource_type, resource_id]
    clause = visible(
        request.caller, "r", params, now, resource_type=resource_type, registered_only=kernel.registered_only()
    )
    select = (
        "SELECT r.version, r.updated, r.deleted, r.patient, l.body FROM resource r JOIN log l ON l.id = r.log_id"
        f" WHERE r.type = $1 AND r.id = $2 AND ({clause})"
    )
    entry = audit_entry(request, "read", now, resource_type=resource_type, resource_id=resource_id)
    if kernel.database.dialect == "postgresql":
        # One statement reads and leaves the audit row, so that neither can be had without the other.
        audited = audit_cte(entry, params, source="found", patient="found.patient")
        async with kernel.database.read() as connection:
            return await connection.fetchrow(f"WITH found AS ({select}), {audited} SELECT * FROM found", *params)
    async with kernel.database.read() as connection:
        row = await connection.fetchrow(select, *params)
    if row is not None:
        async with kernel.database.transaction() as connection:
            await record(connection, [replace(entry, patient=row["patient"])])
    return row
