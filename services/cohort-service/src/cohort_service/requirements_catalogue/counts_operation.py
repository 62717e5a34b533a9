"""`PlanDefinition/$counts`: whether a contact counts towards a requirement (PCN-069)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.requirements.contact import counts as contact_counts
from cohort_service.requirements_catalogue.versions import version_on
from cohort_service.requirements_catalogue.visible_requirements import visible_versions
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_parameters import only, required_text, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.periods import bounds
from tandem.london_days import day_number, day_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def counts(call: OperationCall) -> FhirResponse:
    """Parameters `counts`, `reason` and `version` for a `requirement` and a `contact` (`Encounter/id`).

    The version in force on the day of the contact decides. Raises FhirError 400, and 404 for a requirement or a
    contact that the caller does not see.
    """
    only(call, ("requirement", "contact"))
    name, contact = required_text(call, "requirement"), required_text(call, "contact")
    kind, _, contact_id = contact.partition("/")
    if kind != "Encounter" or not contact_id:
        raise FhirError(Kind.BAD_REQUEST, "contact is Encounter/[id]", expression="contact")
    kernel, now = call.kernel, to_micros(call.kernel.clock.now())
    async with kernel.database.read() as connection:
        versions = await visible_versions(connection, call.request.caller, name, day_number(today(call)))
        held = await visible_resource(kernel, connection, call.request, "Encounter", contact_id)
    if held is None or held.body is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such contact that you may see")
    encounter = decode(held.body)
    version = version_on(versions, _day(encounter, day_number(today(call))))
    counted, reason = contact_counts(encounter, version)
    await audit_reads(
        kernel.database, call.request, "$counts", "Encounter", {held.patient}, now, resource_id=contact_id
    )
    parameters: list[Parameter] = [
        {"name": "counts", "valueBoolean": counted}, {"name": "reason", "valueString": reason},
        {"name": "version", "valueCanonical": version.canonical},
    ]  # fmt: skip
    return answer(parameters)


def _day(encounter: Resource, otherwise: int) -> int:
    start = (encounter.get("period") or {}).get("start")
    return day_of(from_micros(bounds(start)[0])) if start else otherwise
