"""`CarePlan/{id}/$assessments`: the assessments of a plan with their findings and the person's goals (AC-044)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.questionnaires.answers import Answer, AnsweredResponse, response_answers, responses_of_plan
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_GOALS = "goals.stated"


async def assessments_of_plan(call: OperationCall) -> FhirResponse:
    """An `assessment` for each that belongs to the plan, the oldest first: what it found, and who found it.

    Those made before the plan and taken up by its supportingInfo are among them. Raises FhirError 404.
    """
    only(call, ())
    assert call.id is not None, "declared on the instance"
    kernel = call.kernel
    async with kernel.database.read() as connection:
        _, held = await asked_resource(call, connection)
        responses = [
            each for each in await responses_of_plan(connection, call.id)
            if each.questionnaire in ASSESSMENTS and each.whole is None and each.status != "stopped"
        ]  # fmt: skip
        answers = {each.id: await response_answers(connection, each.id) for each in responses}
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$assessments", "CarePlan", {held.patient}, now)
    return answer([_assessment(each, answers[each.id]) for each in responses])


def _assessment(response: AnsweredResponse, answers: list[Answer]) -> Parameter:
    questionnaire = shipped_questionnaires()[response.questionnaire]
    shown: list[Parameter] = [
        reference("response", f"QuestionnaireResponse/{response.id}"),
        coded("questionnaire", response.questionnaire), text("title", questionnaire.title),
        coded("status", response.status),
        instant("authored", response.authored),
        text("organisation", response.organisation),
    ]  # fmt: skip
    shown += [_finding(each) for each in answers if each.link_id != _GOALS]
    shown += [text("goal", each.text) for each in answers if each.link_id == _GOALS]
    return parts("assessment", shown)


def _finding(each: Answer) -> Parameter:
    return parts("finding", [
        coded("section", each.section), coded("linkId", each.link_id),
        text("text", each.text), text("organisation", each.response.organisation),
    ])  # fmt: skip
