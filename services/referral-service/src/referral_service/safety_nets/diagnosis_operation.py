"""`POST ServiceRequest/$record-diagnosis`: a diagnosis of cancer of somebody without a net, such as by emergency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.safety_nets.diagnosis_rows import keep_diagnosis
from referral_service.safety_nets.step_parameters import (
    DIAGNOSIS_PARAMETERS,
    WHO_AND_WHEN,
    diagnosis_asked,
    diagnosis_issues,
    recorder,
)
from tandem.clock import to_micros
from tandem.fhir.asked_person import person_in_care
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import long_text, only
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, reference, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def record_diagnosis(call: OperationCall) -> FhirResponse:
    """`patient`, `when`, `route`, `type`, `stage`, `detection`, `presentations`, `first-presentation`, `treated`,
    `by`, `note`.

    Raises FhirError 400, 404 for a person one may not see, 422 with all faults.
    """
    only(call, ("patient", *WHO_AND_WHEN, *DIAGNOSIS_PARAMETERS))
    asked, kernel = diagnosis_asked(call), call.kernel
    now = kernel.clock.now()
    async with kernel.database.transaction() as connection:
        patient = await person_in_care(call, connection, "ServiceRequest")
        by, issues = await recorder(call, connection)
        issues += await diagnosis_issues(call, connection, asked, patient)
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        detail = asked.told() | {"by": by, "author": call.request.caller.organisation}
        detail |= {"note": said} if (said := long_text(call, "note")) is not None else {}
        await keep_diagnosis(work_of(call, connection, now), kernel.ids.new(), patient, None, detail)
        await record(connection, [
            audit_entry(call.request, "$record-diagnosis", to_micros(now), resource_type="ServiceRequest",
                        patient=patient)
        ])  # fmt: skip
    told: list[Parameter] = [reference("patient", f"Patient/{patient}")]
    return answer([*told, *(text(name, str(value)) for name, value in asked.told().items())])
