"""`POST ServiceRequest/[id]/$record-response`: when and how the performer responded, or why nobody had to.

EHCH-064, EHCH-065. What is recorded here goes before what Tasks say; recorded again, it is corrected.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from referral_service.clocks.clock_answer import shown
from referral_service.clocks.clock_rows import held
from referral_service.domain.urgent_response.clock_rule import moment_of
from referral_service.domain.urgent_response.response_facts import RECORDED, Fact
from referral_service.urgent_response.asked_clock import asked_clock
from referral_service.urgent_response.response_rows import bring_in_step, keep_fact
from referral_service.urgent_response.shipped_urgent_policies import outcomes
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import only, optional_text, short_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def record_response(call: OperationCall) -> FhirResponse:
    """`outcome` (face-to-face unless given), `at` (a dateTime with a time; else now), `note`. Answers the `clock`.

    Raises FhirError 400, 403 for anybody but the performer, 404, 422 for a moment before the referral was received or
    to come, and for a request without such a clock.
    """
    only(call, ("outcome", "at", "note"))
    now, note = call.kernel.clock.now(), optional_text(call, "note")
    code = short_text(call, "outcome") or outcomes()[0].code
    given = call.one("at")
    at = now if given is None else moment_of(given)
    async with call.kernel.database.transaction() as connection:
        asked = await asked_clock(call, connection)
        issues = _faults(code, at, asked.known.clock.starts, now)
        if issues or at is None:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        assert call.id is not None, "declared on the instance"
        responded = next(word.serves for word in outcomes() if word.code == code)
        fact = Fact(RECORDED, responded=at, said=code) if responded else Fact(RECORDED, closed=at, said=code)
        await keep_fact(connection, call.id, fact, organisation=call.request.caller.organisation, note=note)
        await bring_in_step(work_of(call, connection, now), call.id, asked.rule)
        entry = audit_entry(
            call.request, "$record-response", to_micros(now), resource_type="ServiceRequest", resource_id=call.id,
            patient=asked.patient,
        )  # fmt: skip
        await record(connection, [entry])
        kept = await held(connection, call.id, asked.rule.kind)
    assert kept is not None and kept.known is not None, "it was there before"
    return answer([shown(kept.known, now)])


def _faults(code: str, at: datetime | None, received: datetime, now: datetime) -> list[Issue]:
    found = []
    if code not in {word.code for word in outcomes()}:
        found.append(Issue(f"outcome is one of {', '.join(word.code for word in outcomes())}", "outcome"))
    if at is None:
        found.append(Issue("at is a dateTime with a time and an offset, such as 2020-10-07T10:00:00+01:00", "at"))
    elif at < received:
        found.append(Issue("A response does not lie before the receipt of the referral (000 §3.16 r9 b1)", "at"))
    elif at > now:
        found.append(Issue("A response does not lie in the future (000 §3.16 r9 b1)", "at"))
    return found
