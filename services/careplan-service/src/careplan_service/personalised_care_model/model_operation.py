"""`CarePlan/$personalised-care-model` and `CarePlan/{id}/$personalised-care`: the six components (PC-004)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.personalised_care_model.components import OF_RESPONSE, component_of, components
from careplan_service.questionnaires.answers import responses_of_person
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def personalised_care_model(call: OperationCall) -> FhirResponse:
    """A `component` for each of the six, with `code` and `title`; any caller may read it. Raises FhirError 400."""
    only(call, ())
    return answer([_component(code, []) for code in components()])


async def personalised_care(call: OperationCall) -> FhirResponse:
    """The same for one plan, each with a `total` and an `entry` for every record: `record` or, of an activity without
    one, `activity` (its place in the plan). Raises FhirError 400, 404."""
    only(call, ())
    kernel = call.kernel
    async with kernel.database.read() as connection:
        plan, patient = await asked_about_person(call, connection)
        responses = await responses_of_person(connection, patient)
    entries: dict[str, list[Parameter]] = {code: [] for code in components()}
    for each in responses:
        component = OF_RESPONSE.get(each.questionnaire)
        if component is not None and each.finished:
            entries[component].append(_record(f"QuestionnaireResponse/{each.id}"))
    for place, activity in enumerate(plan.get("activity") or ()):
        component = component_of(activity)
        if component in entries:
            entries[component].append(_activity(activity, place))
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$personalised-care", "CarePlan", {patient}, now)
    return answer([_component(code, [number("total", len(found)), *found]) for code, found in entries.items()])


def _component(code: str, inner: list[Parameter]) -> Parameter:
    return parts("component", [coded("code", code), text("title", components()[code]), *inner])


def _activity(activity: Resource, place: int) -> Parameter:
    literal = (activity.get("reference") or {}).get("reference")
    if literal is not None:
        return _record(str(literal))
    return parts("entry", [text("activity", f"CarePlan.activity[{place}]")])


def _record(literal: str) -> Parameter:
    return parts("entry", [reference("record", literal)])
