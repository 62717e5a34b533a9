"""`$registration`: another service asks for a Patient it has not heard of yet, with the practice kept beside it."""

from __future__ import annotations

from tandem.fhir.body import decode, encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.store import load


async def registration(kernel: Kernel, request: FhirRequest) -> FhirResponse:
    """`{"resource": Patient, "practice": code}` for `?id=` or `?nhs-number=`; 404 when there is none.

    For our own services only: raises FhirError 403 for anyone else.
    """
    if request.caller.service is None:
        raise FhirError(Kind.FORBIDDEN, "$registration is for Tandem's own services")
    asked = dict(request.parameters())
    column, value = ("id", asked["id"]) if "id" in asked else ("nhs_number", asked.get("nhs-number", ""))
    async with kernel.database.read() as connection:
        row = await connection.fetchrow(f"SELECT id, practice FROM patient WHERE {column} = $1 AND deleted = 0", value)
        held = await load(connection, "Patient", row["id"]) if row is not None else None
    if row is None or held is None or held.body is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such patient")
    return FhirResponse(200, encode({"resource": decode(held.body), "practice": row["practice"]}))
