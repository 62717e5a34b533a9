"""The person that an operation names, if the caller may see their referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem.database.connection import Connection
from tandem.fhir import asked_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def person_in_care(call: OperationCall, connection: Connection) -> str:
    """The Patient.id of the parameter `patient`. Raises FhirError 400, 404 for a person one may not see."""
    return await asked_person.person_in_care(call, connection, "ServiceRequest")
