"""`CarePlan/{id}/$activation`: activation and confidence of the person, and the tools for self-management on the plan.

The latest score and level with their trend (AC-054); confidence before and after each tool, and its trend (PCPC-056).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from careplan_service.activation.measurements import Activation, Confidence, activations_of, confidence_of
from careplan_service.domain.activation.trend import Point, Trend, before_and_after, trend
from careplan_service.questionnaires.answers import CONTENT, Answer, answers_of_plan
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TOOLS, _TAILORED = "self-management", "tailored-support"


async def activation(call: OperationCall) -> FhirResponse:
    """Parameters `activation`, `activation-trend`, `confidence`, `confidence-trend`, `tailored-support`, `tool`.

    A trend is given from two values on. Raises FhirError 404.
    """
    only(call, ())
    assert call.id is not None, "declared on the instance"
    kernel = call.kernel
    async with kernel.database.read() as connection:
        _, patient = await asked_about_person(call, connection)
        measured = await activations_of(connection, patient)
        confidence = await confidence_of(connection, patient)
        tools = await answers_of_plan(connection, call.id, CONTENT, _TOOLS)
        tailored = await answers_of_plan(connection, call.id, CONTENT, _TAILORED)
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$activation", "CarePlan", {patient}, now)
    shown = [_activation("activation", each) for each in measured]
    if measured:
        shown.append(_activation("latest", measured[-1]))
    shown += _trend("activation-trend", trend([Point(each.at, each.score, each.response) for each in measured]))
    shown += [_confidence("confidence", each) for each in confidence]
    shown += _trend("confidence-trend", trend([each.point for each in confidence]))
    shown += [text("tailored-support", each.text) for each in tailored]
    return answer([*shown, *(_tool(each, confidence) for each in tools)])


def _activation(name: str, each: Activation) -> Parameter:
    return parts(name, [
        {"name": "score", "valueDecimal": each.score}, number("level", each.level), *_said(each.at, each.response),
    ])  # fmt: skip


def _confidence(name: str, each: Confidence) -> Parameter:
    return parts(name, [
        coded("answer", each.code), text("text", each.text),
        *_said(each.point.at, each.point.response),
    ])  # fmt: skip


def _said(at: datetime, response: str) -> list[Parameter]:
    return [
        instant("authored", at),
        reference("response", f"QuestionnaireResponse/{response}"),
    ]


def _trend(name: str, found: Trend | None) -> list[Parameter]:
    if found is None:
        return []
    return [parts(name, [
        coded("direction", found.direction), {"name": "change", "valueDecimal": found.change},
        instant("from", found.first.at),
        instant("to", found.last.at),
    ])]  # fmt: skip


def _tool(tool: Answer, confidence: list[Confidence]) -> Parameter:
    by_point = {each.point: each for each in confidence}
    inner = [text("text", tool.text), *_said(tool.response.authored, tool.response.id)]
    points = before_and_after([each.point for each in confidence], tool.response.authored)
    for name, point in zip(("before", "after"), points, strict=True):
        if point is not None:
            inner.append(_confidence(name, by_point[point]))
    return parts("tool", inner)
