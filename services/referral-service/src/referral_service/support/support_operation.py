"""`ServiceRequest/$support`: the support of a person or a plan in one list, and what has become of each (AC-047)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from referral_service.domain.support.support_state import STATES
from referral_service.support.support_answer import support_parts
from referral_service.support.support_query import support_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.asked_person import person_in_care
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import moment_or_now, names, only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, coded, instant, number, parts
from tandem.fhir.person_parameter import person_named
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NO_PLAN: Final = "There is no CarePlan with this id, of this person, that you may see"


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
        patient = await _person(call, connection, plan)
        based = None if plan is None else str(plan["id"])
        found = await support_of(call, connection, patient, based, to_micros(moment))
        shown = [each for each in found if not wanted or each.state in wanted]
        items = [parts("item", await support_parts(connection, each)) for each in shown]
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$support", "ServiceRequest", {patient}, now)
    counts = [
        parts("count", [coded("state", state), number("requests", many)])
        for state in STATES if (many := sum(each.state == state for each in found))
    ]  # fmt: skip
    return answer([instant("as-of", moment), number("total", len(shown)), *counts, *items])


async def _plan(call: OperationCall) -> Resource:
    """The plan, if the caller may see it."""
    plan = literal_given(call.one("plan"), "plan", ("CarePlan",)).removeprefix("CarePlan/")
    asked = f"CarePlan?_id={quote(plan, safe='')}"
    found = await call.kernel.neighbours.searchset("careplan-service", asked, call.request)
    if not found:
        raise FhirError(Kind.NOT_FOUND, _NO_PLAN)
    return found[0]


async def _person(call: OperationCall, connection: Connection, plan: Resource | None) -> str:
    """The Patient.id of the person who was named, or whose the plan is."""
    if plan is None:
        return await person_in_care(call, connection, "ServiceRequest")
    patient = await person_named(connection, plan.get("subject"))
    if patient is None:
        raise FhirError(Kind.NOT_FOUND, _NO_PLAN)
    if call.one("patient") is not None and await person_in_care(call, connection, "ServiceRequest") != patient:
        raise FhirError(Kind.NOT_FOUND, _NO_PLAN)
    return patient
