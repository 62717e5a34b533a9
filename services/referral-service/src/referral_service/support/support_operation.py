"""`ServiceRequest/$support`: the support of a person or a plan in one list, and what has become of each (AC-047)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from referral_service.domain.support.support_state import STATES
from referral_service.support.support_answer import support_parts
from referral_service.support.support_query import support_of
from referral_service.urgent_response.person_in_care import person_in_care
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, names, only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, coded, instant, number, parts
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def support(call: OperationCall) -> FhirResponse:
    """`as-of`, `total`, a `count` for each state there is, and an `item` each (see `support_parts`), the oldest first.

    Parameters `patient` (support offers of a person) or `plan` (CarePlan/[id]: all that is based on it), `state`
    (repeated), `as-of` (the moment by which something is late). Raises FhirError 400, 404 for a person or plan that the
    caller may not see, 503 while careplan-service cannot be asked about a plan.
    """
    only(call, ("patient", "plan", "state", "as-of"))
    moment, wanted = moment_or_now(call, "as-of"), names(call, "state")
    if not set(STATES).issuperset(wanted):
        raise FhirError(Kind.BAD_REQUEST, f"state is one of {', '.join(STATES)}", expression="state")
    plan = await _plan(call) if call.one("plan") is not None else None
    async with call.kernel.database.read() as connection:
        named = call.one("patient") is not None or plan is None
        patient = await person_in_care(call, connection) if named else None
        found = await support_of(call, connection, patient, plan, to_micros(moment))
        shown = [each for each in found if not wanted or each.state in wanted]
        items = [parts("item", await support_parts(connection, each)) for each in shown]
    people: set[str | None] = {each.row["patient"] for each in shown} | ({patient} if patient is not None else set())
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$support", "ServiceRequest", people, now)
    counts = [
        parts("count", [coded("state", state), number("requests", many)])
        for state in STATES if (many := sum(each.state == state for each in found))
    ]  # fmt: skip
    return answer([instant("as-of", moment), number("total", len(shown)), *counts, *items])


async def _plan(call: OperationCall) -> str:
    """The id of a plan that the caller may see."""
    plan = literal_given(call.one("plan"), "plan", ("CarePlan",)).removeprefix("CarePlan/")
    asked = f"CarePlan?_id={quote(plan, safe='')}"
    if not await call.kernel.neighbours.searchset("careplan-service", asked, call.request):
        raise FhirError(Kind.NOT_FOUND, "There is no CarePlan with this id that you may see")
    return plan
