"""`ServiceRequest/[id]/$inform-patient`: what the person was told about a suspected cancer referral.

000 §6.11 2020/21 ref3 and §6.12 b2.4 (ECD-023, ECD-031, ECD-049, ECD-050, ECD-051).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.suspected_cancer.claim import KINDS
from referral_service.domain.suspected_cancer.patient_information import PARTS, information_faults, with_information
from referral_service.suspected_cancer.quality_answer import quality_of
from referral_service.suspected_cancer.refer_parameters import information_given
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.nhs.shipped_referral_kinds import kind_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def inform_patient(call: OperationCall) -> FhirResponse:
    """Writes the extension patient-information and answers how the referral stands.

    `why-referred`, `importance-of-attending`, `further-support`, `format`; `given` (today unless it is said) and `by`
    (a Reference, else the token's user, else the caller's organisation). All of it at once: what was told before is
    replaced. Raises FhirError 400, 403, 404, and 422 naming every part that is missing.
    """
    only(call, (*PARTS, "given", "format", "by"))
    told = information_given(call)
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        request, patient = await asked_about_person(call, connection, lock=True)
        kind = kind_of(request)
        if kind is None or kind.code not in KINDS:
            text = f"$inform-patient is for referrals of the kinds {', '.join(KINDS)}"
            raise FhirError(Kind.UNPROCESSABLE, text, expression="ServiceRequest.category")
        informed = with_information(request, told.texts, told.given, told.form, told.by)
        if faults := information_faults(informed, now):
            raise FhirError(Kind.BUSINESS_RULE, issues=faults)
        kept = await put_as_caller(call, connection, informed)
        parameters = await quality_of(connection, kept, now)
        entry = audit_entry(
            call.request, "$inform-patient", to_micros(now), resource_type="ServiceRequest", resource_id=call.id,
            patient=patient,
        )  # fmt: skip
        await record(connection, [entry])
    return answer(parameters)
