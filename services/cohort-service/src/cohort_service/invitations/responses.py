"""`Group/{id}/$mark-invited` and `$record-response`: who was invited in writing, and what people answered (SMR-033)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from cohort_service.domain.invitations.progress import RESPONSES, Step, StepKind, faults_of_response, progress_of
from cohort_service.invitations.service_of_list import service_of_cohort
from cohort_service.invitations.step_rows import Author, hold_offers, keep_step, next_number, steps_of
from cohort_service.lists.group_access import cohort_group, person_in_care
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import one_of, optional_day, optional_text
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST = 2000


async def mark_invited(call: OperationCall) -> FhirResponse:
    """How the offer to `patient` stands, if a written invitation was sent: the letter makes a person invited.

    Raises FhirError 404, and 422 while no letter was sent.
    """
    async with call.kernel.database.transaction() as connection:
        _, patient, steps = await _offer(call, connection)
        if not any(each.kind == "invited" for each in steps):
            raise FhirError(
                Kind.BUSINESS_RULE,
                "Nobody is marked as invited without a written communication: make one with $invite and record it as"
                " sent with Communication/[id]/$sent",
            )
        await _audit(call, connection, "$mark-invited", patient)
        return answer(_standing(patient, steps))


async def record_response(call: OperationCall) -> FhirResponse:
    """Record what `patient` answered: `response` (accepted, declined, no-response, done), `date` (else today), `text`.

    Raises FhirError 400, 404, and 422 for an answer to an invitation that was not sent, or on a day that cannot be.
    """
    response = cast(StepKind, one_of(call, "response", RESPONSES, ""))
    now, note = call.kernel.clock.now(), optional_text(call, "text")
    answered, this_day = optional_day(call, "date") or london_date(now), day_number(london_date(now))
    if note is not None and len(note) > _LONGEST:
        raise FhirError(Kind.BAD_REQUEST, f"text has at most {_LONGEST} characters", expression="text")
    caller = call.request.caller
    async with call.kernel.database.transaction() as connection:
        service, patient, steps = await _offer(call, connection)
        found = faults_of_response(steps, response, day_number(answered), this_day)
        if found:
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(each) for each in found])
        step = Step(call.kernel.ids.new(), response, day_number(answered), next_number(steps))
        author = Author(caller.user or caller.organisation, caller.organisation, note)
        await keep_step(connection, service, patient, step, author, to_micros(now))
        await _audit(call, connection, "$record-response", patient)
        return answer(_standing(patient, [*steps, step]))


async def _offer(call: OperationCall, connection: Connection) -> tuple[str, str, list[Step]]:
    group = await cohort_group(call, connection)
    patient = await person_in_care(call, connection, group.practice)
    service = await service_of_cohort(connection, group.cohort, call.kernel.clock.now())
    member = await connection.fetchval(
        "SELECT 1 FROM group_member WHERE cohort = $1 AND patient = $2", group.cohort, patient
    )
    if service is None or member is None:
        raise FhirError(Kind.BUSINESS_RULE, "The person is not on this list and never was", expression="patient")
    await hold_offers(connection, patient)
    return service, patient, await steps_of(connection, service, patient)


def _standing(patient: str, steps: list[Step]) -> list[dict[str, Any]]:
    progress = progress_of(steps)
    assert progress is not None, "there is a step"
    parameters: list[dict[str, Any]] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
        {"name": "status", "valueCode": progress.status},
        {"name": "date", "valueDate": date_of(progress.day).isoformat()},
    ]
    if progress.communication is not None:
        reference = {"reference": f"Communication/{progress.communication}"}
        parameters.append({"name": "communication", "valueReference": reference})
    return parameters


async def _audit(call: OperationCall, connection: Connection, name: str, patient: str) -> None:
    entry = audit_entry(
        call.request, name, to_micros(call.kernel.clock.now()), resource_type="Group", resource_id=call.id,
        patient=patient,
    )  # fmt: skip
    await record(connection, [entry])
