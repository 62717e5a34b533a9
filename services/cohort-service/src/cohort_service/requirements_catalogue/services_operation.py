"""`PlanDefinition/$services`: the service specifications that networks deliver on a day (PCN-002, PCN-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.requirements.specifications import Specification, active_on
from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements
from tandem.canonical import BASE
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_day, today
from tandem.fhir.parameters_answer import answer, coded, number, on_day, parts, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def services(call: OperationCall) -> FhirResponse:
    """A `service` for each that is delivered on `date` (today without it): `code`, `title`, `from`, `source`, how many
    `requirements` the catalogue has of it and, when there are any, the `definition` that lists them.

    Raises FhirError 400.
    """
    only(call, ("date",))
    day = optional_day(call, "date") or today(call)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$services", "PlanDefinition", set(), now)
    return answer([on_day("date", day), *map(_shown, active_on(day))])


def _shown(specification: Specification) -> dict[str, Any]:
    held = sum(each.service == specification.code for each in shipped_requirements().values())
    shown = [
        coded("code", specification.code), text("title", specification.title), on_day("from", specification.starts),
        text("source", specification.source), number("requirements", held),
    ]  # fmt: skip
    if held:
        canonical = f"{BASE}/PlanDefinition/service-{specification.code}"
        shown.append({"name": "definition", "valueCanonical": canonical})
    return parts("service", shown)
