"""The audit entry of a request: who, from where, what, about whom. Rows are kept by `tandem.identity.audit`."""

from __future__ import annotations

from tandem.database.connection import Database
from tandem.fhir.request import FhirRequest
from tandem.identity.access import SHARED_TYPES
from tandem.identity.audit import AuditEntry, record


def audit_entry(
    request: FhirRequest, action: str, at: int, *, resource_type: str | None = None, resource_id: str | None = None,
    patient: str | None = None, status: int = 200,
) -> AuditEntry:  # fmt: skip
    """The entry for this request; `at` in microseconds of the domain clock."""
    return AuditEntry(request.caller, at, action, status, resource_type, resource_id, patient, request.request_id)


async def audit_reads(
    database: Database, request: FhirRequest, action: str, resource_type: str | None, patients: set[str | None],
    at: int, *, resource_id: str | None = None,
) -> None:  # fmt: skip
    """One entry for each patient whose data a search, history or operation gave out; one without, when none was."""
    entries = [
        audit_entry(request, action, at, resource_type=resource_type, resource_id=resource_id, patient=patient)
        for patient in patients or {None}
    ]
    # One row or many: on PostgreSQL they are written all or none even so, without a transaction around them.
    alone = database.read() if database.dialect == "postgresql" else database.transaction()
    async with alone as connection:
        await record(connection, entries)


async def audit_refusal(
    database: Database, request: FhirRequest, action: str, resource_type: str, resource_id: str, at: int
) -> None:
    """One entry, with status 404, for a read of what is not there or not for the caller: the practice finds it."""
    if resource_type in SHARED_TYPES:
        return
    async with database.transaction() as connection:
        patient = await connection.fetchval(
            "SELECT patient FROM resource WHERE type = $1 AND id = $2", resource_type, resource_id
        )
        if patient is None and resource_type == "Patient":
            # Kept by another service, and known here by an id alone.
            patient = await connection.fetchval("SELECT id FROM patient WHERE id = $1", resource_id)
        refused = audit_entry(
            request, action, at, resource_type=resource_type, resource_id=resource_id, patient=patient, status=404
        )
        await record(connection, [refused])
