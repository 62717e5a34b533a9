"""The shared plan that an operation is asked about, as far as its caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careplan_service.domain.shared_plan import is_shared_plan
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

NOT_SHARED = "This CarePlan is a record and no shared plan: that has the category 2181441000000107 of SNOMED CT"


@dataclass(frozen=True, slots=True)
class AskedPlan:
    """The plan with its person (Patient.id)."""

    plan: Resource
    patient: str


async def asked_plan(call: OperationCall, connection: Connection, *, lock: bool = False) -> AskedPlan:
    """The plan of the address. Raises FhirError 404, and 422 for a CarePlan that is no shared plan."""
    assert call.id is not None, "declared on the instance"
    plan, held = await asked_resource(call, connection, lock=lock)
    if not is_shared_plan(plan) or held.patient is None:
        raise FhirError(Kind.BUSINESS_RULE, NOT_SHARED, expression="CarePlan.category")
    return AskedPlan(plan, held.patient)
