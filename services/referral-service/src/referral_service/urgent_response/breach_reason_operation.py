"""`POST ServiceRequest/[id]/$record-breach-reason`: why the response was late, of a closed list, with words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from referral_service.clocks.clock_answer import shown
from referral_service.urgent_response.asked_clock import asked_clock
from referral_service.urgent_response.breach_reason_rows import BreachReason, keep_reason
from referral_service.urgent_response.shipped_urgent_policies import breach_reasons
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, optional_text, required_short_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, coded, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

EXPLAINED: Final = "tandem.urgent-response.breach-explained"


async def record_breach_reason(call: OperationCall) -> FhirResponse:
    """`reason` and `note` (needed with `other`). Answers the `clock`, the `breach-reason` and the `note`.

    Raises FhirError 400, 403 for anybody but the performer, 404, 422 for a clock that was not breached.
    """
    only(call, ("reason", "note"))
    reason, note = required_short_text(call, "reason"), optional_text(call, "note")
    now, identity = call.kernel.clock.now(), call.id
    assert identity is not None, "declared on the instance"
    async with call.kernel.database.transaction() as connection:
        asked = await asked_clock(call, connection)
        issues = _faults(reason, note)
        if asked.known.met(now) is not False:
            wanted = "A reason is recorded for a response that is late: this clock was not breached (000 §3.16 r9 b1)"
            issues.append(Issue(wanted, "reason"))
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        organisation = call.request.caller.organisation
        await keep_reason(connection, identity, BreachReason(reason, note, organisation, now))
        said = {
            "request": f"ServiceRequest/{identity}", "kind": asked.rule.kind, "reason": reason,
            "organisation": organisation,
        }  # fmt: skip
        key = f"{identity}/{to_micros(now)}"
        await work_of(call, connection, now).emit(EXPLAINED, said, key=key, patient=asked.patient)
        entry = audit_entry(
            call.request, "$record-breach-reason", to_micros(now), resource_type="ServiceRequest",
            resource_id=identity, patient=asked.patient,
        )  # fmt: skip
        await record(connection, [entry])
    told = [shown(asked.known, now), coded("breach-reason", reason)]
    return answer(told + ([text("note", note)] if note is not None else []))


def _faults(reason: str, note: str | None) -> list[Issue]:
    known = {word.code: word for word in breach_reasons()}
    if reason not in known:
        return [Issue(f"reason is one of {', '.join(known)}", "reason")]
    if known[reason].note and note is None:
        return [Issue(f"With the reason {reason}, note says which", "note")]
    return []
