"""`OrganizationAffiliation/$agreements`: how the agreements of a network stand on a day (AC-031, AC-033)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from cohort_service.agreements.document_rows import agreements_of
from cohort_service.domain.agreements.agreement import Agreement, Signature, State, agreement_of, state_of
from cohort_service.networks.organisations import practices_of
from cohort_service.requirements_catalogue.in_force import requirement_in_force
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import only, optional_day
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NAMES = frozenset(("network", "date", "state"))
_SHARING_DUTY = "AC-031"


async def agreements(call: OperationCall) -> FhirResponse:
    """Parameters with an `agreement` each: its resource, kind, state on `date` (default today), parties and signatures.

    `network` is the network or practice whose people they are about; for a network, its practices' are given too.
    `state` narrows. No person's record is in them, so that every valid token may ask. Raises FhirError 400, 422.
    """
    only(call, _NAMES)
    kernel, now = call.kernel, call.kernel.clock.now()
    day = optional_day(call, "date") or london_date(now)
    wanted = [str(state) for state in call.parameters.get("state") or get_args(State)]
    if not set(wanted) <= set(get_args(State)):
        raise FhirError(Kind.BAD_REQUEST, f"state is one of {', '.join(get_args(State))}", expression="state")
    async with kernel.database.read() as connection:
        holder = await resolved(connection, call.one("network"), "network")
        practices = await practices_of(connection, holder, day_number(day))
        chased = await requirement_in_force(connection, _SHARING_DUTY, holder, day_number(day))
        found = await agreements_of(connection, [holder, *practices])
    await audit_reads(kernel.database, call.request, "$agreements", "OrganizationAffiliation", set(), to_micros(now))
    parameters: list[dict[str, Any]] = [{"name": "date", "valueDate": day.isoformat()}]
    for each in found:
        agreement = agreement_of(each)
        state = state_of(agreement, day, chased=chased or agreement.role != "sharing-agreement")
        if state in wanted:
            parameters.append({"name": "agreement", "part": _parts(each, agreement, state, day)})
    return answer(parameters)


def _parts(affiliation: Resource, agreement: Agreement, state: State, day: date) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "affiliation", "valueReference": {"reference": f"OrganizationAffiliation/{affiliation['id']}"}},
        {"name": "kind", "valueCode": agreement.role},
        {"name": "state", "valueCode": state},
    ]
    if agreement.due is not None:
        parts.append({"name": "due", "valueDate": agreement.due.isoformat()})
    if affiliation.get("participatingOrganization"):
        parts.append({"name": "partner", "valueReference": affiliation["participatingOrganization"]})
    return parts + [_party(signature, day) for signature in agreement.signatures]


def _party(signature: Signature, day: date) -> dict[str, Any]:
    inner: list[dict[str, Any]] = [{"name": "organisation", "valueReference": signature.party}]
    if signature.joined is not None:
        inner.append({"name": "joined", "valueDate": signature.joined.isoformat()})
    if signature.signed is not None and signature.day is not None and signature.day <= day:
        inner.append({"name": "signed", "valueDateTime": signature.signed})
        if signature.user is not None:
            inner.append({"name": "user", "valueReference": {"reference": signature.user}})
    return {"name": "party", "part": inner}
