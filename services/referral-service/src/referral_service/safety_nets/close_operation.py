"""`POST ServiceRequest/[id]/$close-safety-net`: never without a result or a recorded reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.safety_nets.closing import closing_faults
from referral_service.domain.safety_nets.codes import CLOSED
from referral_service.safety_nets.recording import record_fact
from referral_service.safety_nets.seen_net import seen_net
from referral_service.safety_nets.step_parameters import recorder
from tandem.fhir.operation_parameters import long_text, only, optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def close_safety_net(call: OperationCall) -> FhirResponse:
    """`outcome` (cancer, no-cancer, other) of what is answered, or a documented `reason`; `by`, `note`.

    Answers the net. Raises FhirError 400, 404, and 422 with everything that is still open; nothing is written then.
    """
    only(call, ("outcome", "reason", "by", "note"))
    outcome, reason, said = optional_text(call, "outcome"), optional_text(call, "reason"), long_text(call, "note")
    async with call.kernel.database.transaction() as connection:
        net = await seen_net(call, connection, lock=True)
        by, issues = await recorder(call, connection)
        now = call.kernel.clock.now()
        issues += closing_faults(net.terms, net.episode(now), outcome, reason, said)
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        raw = {
            "outcome": outcome, "reason": reason, "note": said, "by": by,
            "author": call.request.caller.organisation,
        }  # fmt: skip
        detail = {name: value for name, value in raw.items() if value is not None}
        told = await record_fact(call, connection, net, CLOSED, now, detail)
    return answer(told)
