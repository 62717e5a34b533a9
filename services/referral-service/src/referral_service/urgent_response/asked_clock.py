"""The clock of the urgent request that an operation is called on, for whoever has to respond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from referral_service.clocks.clock_rows import held
from referral_service.domain.clocks.request_clock import RequestClock
from referral_service.domain.urgent_response.clock_rule import ClockRule
from referral_service.urgent_response.request_reaction import urgent_rule
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class AskedClock:
    """The clock with its rule, and the Patient.id."""

    known: RequestClock
    rule: ClockRule
    patient: str


async def asked_clock(call: OperationCall, connection: Connection) -> AskedClock:
    """The request is held until the transaction ends.

    Raises FhirError 404 for a request one may not see, 422 for one without such a clock, 403 for anybody but the
    performer and operators.
    """
    assert call.id is not None, "declared on the instance"
    request, patient = await asked_about_person(call, connection, lock=True)
    rule = await urgent_rule(connection, call.id, request, call.kernel.clock.now())
    kept = await held(connection, call.id, rule.kind) if rule is not None else None
    if rule is None or kept is None or kept.known is None:
        text = (
            "This request has no clock of urgent response: that is an active referral for crisis response, reablement"
            " or a mental health crisis, received from 30 September 2020 on (000 §3.16 r9)"
        )
        raise FhirError(Kind.BUSINESS_RULE, text)
    caller = call.request.caller
    if not caller.sees_all and caller.organisation != kept.known.clock.owner:
        raise FhirError(Kind.FORBIDDEN, "Whoever is asked to respond records the response (000 §3.16 r9 community)")
    return AskedClock(kept.known, rule, patient)
