"""`MedicationStatement/$current`: what a person takes now, out of everything that was stated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.current_medicines import current_medicines
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.fhir.request import FhirResponse
from tandem.identity.access import has_access, visible

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def current(call: OperationCall) -> FhirResponse:
    """A searchset of the newest statement of each medicine that is active.

    Parameter `patient`: `Patient/1` or NHS number as `system|value`. Raises FhirError 400, and 404 for a person whose
    record the caller may not see.
    """
    kernel, caller, now = call.kernel, call.request.caller, to_micros(call.kernel.clock.now())
    behind = kernel.registered_only()
    async with kernel.database.read() as connection:
        patient = await person_named(connection, call.one("patient"))
        if patient is None or not await has_access(
            connection, caller, patient, now, resource_type="MedicationStatement", registered_only=behind
        ):
            raise FhirError(Kind.NOT_FOUND, "No such person is known here")
        params: list[Any] = [patient]
        seen = visible(caller, "r", params, now, resource_type="MedicationStatement", registered_only=behind)
        rows = await connection.fetch(
            "SELECT l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = 'MedicationStatement'"
            f" AND r.patient = $1 AND r.deleted = 0 AND {seen}", *params,
        )  # fmt: skip
    await audit_reads(kernel.database, call.request, "$current", "MedicationStatement", {patient}, now)
    statements = current_medicines([decode(bytes(row["body"])) for row in rows], now)
    entries = [
        {
            "fullUrl": f"{kernel.base}/MedicationStatement/{statement['id']}",
            "resource": statement,
            "search": {"mode": "match"},
        }
        for statement in statements
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    if entries:
        bundle["entry"] = entries
    return FhirResponse(200, encode(bundle))
