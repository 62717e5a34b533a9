"""`ServiceRequest/[id]/$suspected-cancer`: how a suspected cancer referral stands, and what support came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.suspected_cancer.quality_answer import quality_of
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def suspected_cancer(call: OperationCall) -> FhirResponse:
    """Criterion, urgency, guideline, routing, steps, recurrence, what the person was told, extra support (ECD-040).

    Raises FhirError 400, 404.
    """
    only(call, ())
    now = call.kernel.clock.now()
    async with call.kernel.database.read() as connection:
        request, patient = await asked_about_person(call, connection)
        parameters = await quality_of(connection, request, now)
    await audit_reads(
        call.kernel.database, call.request, "$suspected-cancer", "ServiceRequest", {patient}, to_micros(now),
        resource_id=call.id,
    )  # fmt: skip
    return answer(parameters)
