"""`POST ServiceRequest/[id]/$record-safety-net-step` and `$report-symptoms`: what a clinician records of a net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.safety_nets.codes import DIAGNOSIS, RECORDED, SYMPTOMS
from referral_service.domain.safety_nets.step_checks import StepAsked, step_faults
from referral_service.safety_nets.diagnosis_rows import keep_diagnosis
from referral_service.safety_nets.recording import record_fact
from referral_service.safety_nets.seen_net import SeenNet, seen_net
from referral_service.safety_nets.step_parameters import (
    DIAGNOSIS_PARAMETERS,
    WHO_AND_WHEN,
    detail_of,
    diagnosis_asked,
    diagnosis_issues,
    recorder,
    step_asked,
)
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import one_of, only, required_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STEP = ("step", "reason", "result", "next", "patient-initiated", *WHO_AND_WHEN, *DIAGNOSIS_PARAMETERS)


async def record_safety_net_step(call: OperationCall) -> FhirResponse:
    """`step` (told, attended, acted-on, communicated, reviewed, decision-not-to-pursue, diagnosis), `when` (now), `by`
    (staff; else the user of the token), `note`; `reason` of a decision, `result` of an action, `next` or
    `patient-initiated` of a review, and of a diagnosis `route`, `type`, `stage`, `detection`, `presentations`,
    `first-presentation`, `treated`. Answers the net. Raises FhirError 400, 404, 422 with all faults; nothing is written
    then.
    """
    only(call, _STEP)
    required_text(call, "step")
    return await _recorded(call, one_of(call, "step", RECORDED, ""))


async def report_symptoms(call: OperationCall) -> FhirResponse:
    """What the person reports opens the review, also of a closed net (ECD-030): `trigger` (developed, recurred,
    persisted, worsened, concern-continues; repeated), `when`, `by`, `note`. Raises FhirError 400, 404, 422.
    """
    only(call, ("trigger", *WHO_AND_WHEN))
    return await _recorded(call, SYMPTOMS)


async def _recorded(call: OperationCall, step: str) -> FhirResponse:
    asked = step_asked(call, step)
    async with call.kernel.database.transaction() as connection:
        net = await seen_net(call, connection, lock=True)
        by, issues = await recorder(call, connection)
        now = call.kernel.clock.now()
        issues += step_faults(asked, net.terms, net.episode(now), now)
        if step == DIAGNOSIS:
            issues += await diagnosis_issues(call, connection, diagnosis_asked(call), net.terms.patient)
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        told = await _keep(call, connection, net, asked, by)
    return answer(told)


async def _keep(
    call: OperationCall, connection: Connection, net: SeenNet, asked: StepAsked, by: str
) -> list[Parameter]:
    detail = detail_of(asked, by, call.request.caller.organisation)
    if asked.step == DIAGNOSIS:
        work = work_of(call, connection, call.kernel.clock.now())
        await keep_diagnosis(work, call.kernel.ids.new(), net.terms.patient, net.terms, detail)
    return await record_fact(call, connection, net, asked.step, asked.when, detail)
