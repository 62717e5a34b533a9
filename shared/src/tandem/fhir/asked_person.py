"""The person whom the parameter `patient` of an operation names, if the caller may see their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.compartments import PatientName
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.identity.access import has_access

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def asked_person(call: OperationCall, resource_type: str) -> str:
    """The Patient.id; somebody not heard of yet is asked for at cohort-service.

    Raises FhirError 400, 503, and 404 for nobody known here and for somebody whose records of this type the caller may
    not see.
    """
    unknown = FhirError(Kind.NOT_FOUND, "No such person is known here")
    async with call.kernel.database.read() as connection:
        named = await person_named(connection, call.one("patient"))
        if named is None:
            raise unknown
        try:
            patient = await call.kernel.patients.resolve(connection, PatientName("patient", named))
        except FhirError as refusal:
            raise unknown if refusal.kind is Kind.UNPROCESSABLE else refusal from None
        if not await _seen(call, connection, patient, resource_type):
            raise unknown
    return patient


async def person_in_care(call: OperationCall, connection: Connection, resource_type: str | None = None) -> str:
    """The Patient.id of somebody who is known here already.

    Raises FhirError 400, and 404 for somebody whose records, of this type if one is given, the caller may not see.
    """
    patient = await person_named(connection, call.one("patient"))
    known = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient)
    if patient is None or known is None or not await _seen(call, connection, patient, resource_type):
        raise FhirError(Kind.NOT_FOUND, "There is no such person in your care")
    return patient


async def _seen(call: OperationCall, connection: Connection, patient: str, resource_type: str | None) -> bool:
    kernel = call.kernel
    return await has_access(
        connection, call.request.caller, patient, to_micros(kernel.clock.now()), resource_type=resource_type,
        registered_only=kernel.registered_only(),
    )  # fmt: skip
