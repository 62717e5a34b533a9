"""`CarePlan/{id}/$agreement`: what a plan's agreement rests on, and what it lacks (EHCH-043)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.plan_agreement import agreement_faults, agreement_flags
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def agreement(call: OperationCall) -> FhirResponse:
    """Parameters `agreed`, `goals`, `voice`, and a `missing` for each thing to be put right. Raises FhirError 404."""
    assert call.id is not None, "declared on the instance"
    kernel = call.kernel
    async with kernel.database.read() as connection:
        held = await visible_resource(kernel, connection, call.request, "CarePlan", call.id)
        if held is None or held.body is None:
            raise FhirError(Kind.NOT_FOUND, "No such resource")
        row = await connection.fetchrow(
            "SELECT COUNT(*) AS goals, COALESCE(SUM(expressed), 0) AS expressed FROM personal_goal WHERE patient = $1",
            held.patient,
        )
    assert row is not None, "a count is always there"
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$agreement", "CarePlan", {held.patient}, now)
    return answer(_rendered(decode(held.body), row["goals"], int(row["expressed"])))


def _rendered(plan: Resource, goals: int, expressed: int) -> list[Parameter]:
    flags = list(agreement_flags(plan, expressed))
    parameters: list[Parameter] = [
        {"name": "agreed", "valueBoolean": plan.get("status") in ("active", "completed")},
        {"name": "goals", "valueInteger": max(goals, len(plan.get("goal") or ()))},
        {"name": "voice", "valueBoolean": not flags},
    ]
    missing = [*agreement_faults(plan, goals), *flags]
    parameters += [{"name": "missing", "valueString": issue.text} for issue in missing]
    return parameters
