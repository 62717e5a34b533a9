"""`PlanDefinition/$training-due`: the staff of a network whose training is still to be recorded (PC-022)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.domain.requirements.training import TRAINING_DUTIES, cohort_of, is_trained
from cohort_service.networks.organisations import practices_of
from cohort_service.requirements_catalogue.in_force import requirement_in_force
from cohort_service.requirements_catalogue.staff import StaffMember, staff_of
from cohort_service.requirements_catalogue.versions import version_on, versions_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def training_due(call: OperationCall) -> FhirResponse:
    """Parameters with a `due` for each duty and PractitionerRole: requirement version, role, practitioner and cohort.

    `network` (a network or practice; default: the caller) and `date` (default: today). Staff are of the network and of
    its practices. PractitionerRoles are seen by every valid token, and so is this. Raises FhirError 400, 422.
    """
    only(call, ("network", "date"))
    day = optional_day(call, "date") or today(call)
    kernel, named = call.kernel, call.one("network")
    parameters: list[dict[str, Any]] = [{"name": "date", "valueDate": day.isoformat()}]
    async with kernel.database.read() as connection:
        caller = call.request.caller.organisation
        network = await resolved(connection, named, "network") if named is not None else caller
        duties = [
            version_on(await versions_of(connection, duty), day_number(day)) for duty in TRAINING_DUTIES
            if await requirement_in_force(connection, duty, network, day_number(day))
        ]  # fmt: skip
        if any(duty.staff for duty in duties):
            employers = [network, *await practices_of(connection, network, day_number(day))]
            staff = await staff_of(connection, employers, {each for duty in duties for each in duty.staff})
            parameters += [each for duty in duties for each in _due(duty, staff, day)]
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$training-due", "PlanDefinition", set(), now)
    return answer(parameters)


def _due(duty: Requirement, staff: list[StaffMember], day: date) -> Iterator[dict[str, Any]]:
    for member in staff:
        cohort = cohort_of(member.role, duty.staff, day)
        if cohort is None or is_trained(member.practitioner, duty.id, day):
            continue
        coding = {"system": cohort.system, "code": cohort.code}
        if cohort.display:
            coding["display"] = cohort.display
        parts: list[dict[str, Any]] = [
            {"name": "requirement", "valueCanonical": duty.canonical},
            {"name": "role", "valueReference": {"reference": f"PractitionerRole/{member.role['id']}"}},
            {"name": "cohort", "valueCoding": coding},
        ]
        if member.role.get("practitioner"):
            parts.append({"name": "practitioner", "valueReference": member.role["practitioner"]})
        yield {"name": "due", "part": parts}
