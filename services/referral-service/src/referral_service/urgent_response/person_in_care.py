"""The person that an operation names, if the caller may see their referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.identity.access import has_access

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def person_in_care(call: OperationCall, connection: Connection) -> str:
    """The Patient.id of the parameter `patient`. Raises FhirError 400, 404 for a person one may not see."""
    patient, kernel = await person_named(connection, call.one("patient")), call.kernel
    known = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient)
    if patient is None or known is None or not await has_access(
        connection, call.request.caller, patient, to_micros(kernel.clock.now()), resource_type="ServiceRequest",
        registered_only=kernel.registered_only(),
    ):  # fmt: skip
        raise FhirError(Kind.NOT_FOUND, "There is no such person in your care")
    return patient
