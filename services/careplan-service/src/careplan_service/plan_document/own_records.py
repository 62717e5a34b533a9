"""What careplan-service itself holds of a plan and its person, as far as the caller may see it: five statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careplan_service.contributions.contribution_rows import Contributed, contributions_to_plan
from careplan_service.domain.plan_document.known import CLOSED
from careplan_service.plans.plan_asked import AskedPlan, asked_plan
from careplan_service.questionnaires.answers import AnsweredResponse, responses_of_person, responses_of_plan
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.timeline_records import records_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TYPES = ("Goal", "CareTeam", "QuestionnaireResponse", "DocumentReference", "MedicationStatement")
_BUDGET = "personal-health-budget"


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """`records` and `away` are by type; `responses` are those that the document shows, the oldest first.

    `contributed` is what is on the plan, the oldest entry first: by whom, whatever it is.
    """

    asked: AskedPlan
    records: dict[str, list[Resource]]
    away: dict[str, str]
    responses: list[AnsweredResponse]
    contributed: list[Contributed]


async def own_records(call: OperationCall) -> OwnRecords:
    """Read them. Raises FhirError 404, and 422 for a CarePlan that is no shared plan."""
    kernel, caller = call.kernel, call.request.caller
    types = [each for each in _TYPES if caller.may(each, "r")]
    records: dict[str, list[Resource]] = defaultdict(list)
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        now = to_micros(kernel.clock.now())
        if types:
            found = records_of_person(kernel, connection, caller, asked.patient, now, types, None)
            async for each in found:
                records[each.resource["resourceType"]].append(each.resource)
        responses = await responses_of_plan(connection, str(call.id))
        contributed = await contributions_to_plan(connection, str(call.id))
        budgets = await responses_of_person(connection, asked.patient, _BUDGET)
    seen = {each["id"] for each in records["QuestionnaireResponse"]}
    named = {each.id: each for each in (*responses, *budgets) if each.id in seen and each.status != "stopped"}
    ordered = sorted(named.values(), key=lambda each: (each.authored, each.id))
    by_version = sorted(contributed.values(), key=lambda each: (each.version, each.organisation))
    return OwnRecords(asked, dict(records), {each: CLOSED for each in _TYPES if each not in types}, ordered, by_version)
