"""`GET ServiceRequest/$urgent-response-assessments`: who was assessed, and what came of it (EHCH-062, EHCH-063)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.urgent_response.assessment_answer import assessment_shown
from referral_service.urgent_response.assessment_rows import assessments
from tandem.clock import to_micros
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.asked_person import person_in_care
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_flag, page
from tandem.fhir.parameters_answer import answer, parts, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def urgent_response_assessments(call: OperationCall) -> FhirResponse:
    """An `assessment` each, the newest first, of all people whose referrals the caller may see.

    `patient` (then only hers or his), `eligible`, `practice` or `network`, `_count`, `_offset`; `more` says that there
    are further ones. Raises FhirError 400, 404.
    """
    only(call, ("patient", "eligible", "_count", "_offset", *AREA_PARAMETERS))
    (count, offset), wanted, kernel = page(call), optional_flag(call, "eligible"), call.kernel
    now, params = to_micros(kernel.clock.now()), list[Any]()
    conditions = area_conditions(call, params, now)
    conditions.append(
        visible_of_person(
            call.request.caller, "m", params, now, resource_type="ServiceRequest",
            registered_only=kernel.registered_only(),
        )
    )  # fmt: skip
    if wanted is not None:
        params.append(int(wanted))
        conditions.append(f"m.eligible = ${len(params)}")
    async with kernel.database.read() as connection:
        if call.one("patient") is not None:
            params.append(await person_in_care(call, connection, "ServiceRequest"))
            conditions.append(f"m.patient = ${len(params)}")
        found = await assessments(connection, conditions, params, count + 1, offset)
    patients: set[str | None] = {each.patient for each in found[:count]}
    await audit_reads(kernel.database, call.request, "$urgent-response-assessments", "ServiceRequest", patients, now)
    return answer([
        *(parts("assessment", assessment_shown(each)) for each in found[:count]),
        *([yes("more", True)] if len(found) > count else []),
    ])  # fmt: skip
