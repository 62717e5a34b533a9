"""`Organization/{id}/$leads`: the Clinical Director and the leads of a network's services (PCN-054)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.codes import SERVICES
from cohort_service.domain.networks.days import period_of
from cohort_service.networks.lead_rows import HeldLead, leads_of
from cohort_service.networks.organisations import organisation_with_id
from tandem.fhir.operation_parameters import day_number_or_today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def leads(call: OperationCall) -> FhirResponse:
    """A `lead` for each, as of `date`, of one `service` or of all; PractitionerRoles are seen by every valid token.

    Raises FhirError 400, 404.
    """
    day, service = day_number_or_today(call), call.one("service")
    if service is not None and service not in SERVICES:
        raise FhirError(Kind.BAD_REQUEST, f"service is one of {', '.join(SERVICES)}", expression="service")
    async with call.kernel.database.read() as connection:
        network = await organisation_with_id(connection, call.id)
        held = await leads_of(connection, network.code, service, date_of(day))
    return answer([{"name": "lead", "part": _lead(each)} for each in held])


def _lead(held: HeldLead) -> list[dict[str, Any]]:
    part: list[dict[str, Any]] = [{"name": "role", "valueCode": held.lead.role}]
    if held.lead.service:
        part.append({"name": "service", "valueCode": held.lead.service})
    who = held.lead.practitioner
    system, separator, value = who.rpartition("|")
    named = {"identifier": {"system": system, "value": value}} if separator else {"reference": who}
    return [
        *part,
        {"name": "practitioner", "valueReference": named},
        {"name": "period", "valuePeriod": period_of(held.lead.days)},
        {"name": "practitioner-role", "valueReference": {"reference": f"PractitionerRole/{held.practitioner_role}"}},
    ]
