"""`QuestionnaireResponse/{id}/$assessment`: the parts of an assessment, by whom, and what is missing.

EHCH-045, AC-045.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.assessments.parts import assignments_of, contributions_to
from careplan_service.domain.assessments.completeness import Assignment, Contribution, Standing, standing
from careplan_service.domain.questionnaires.questionnaire import Item
from careplan_service.questionnaires.answers import Answer, AnsweredResponse
from careplan_service.questionnaires.shipped_questionnaires import shipped_questionnaires
from tandem.clock import to_micros
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, parts, reference, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def assessment(call: OperationCall) -> FhirResponse:
    """Parameters `questionnaire`, `status`, `complete`, a `section` for each, `missing`, `unfinished`, `assigned`.

    Asked of a part, it answers for the whole. Raises FhirError 404, also for a response to no shipped Questionnaire.
    """
    only(call, ())
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.read() as connection:
        await asked_resource(call, connection)
        whole = await connection.fetchval(
            "SELECT COALESCE(w.id, q.id) FROM questionnaire_response q LEFT JOIN questionnaire_response w"
            " ON w.id = q.whole AND w.patient = q.patient WHERE q.id = $1", call.id,
        )  # fmt: skip
        if whole is None:
            raise FhirError(Kind.NOT_FOUND, "It answers no questionnaire that is published here, or was withdrawn")
        responses, contributions, answers = await contributions_to(connection, whole)
        assigned = await assignments_of(connection, whole, responses[0].patient, now)
    patient = responses[0].patient
    await audit_reads(kernel.database, call.request, "$assessment", "QuestionnaireResponse", {patient}, to_micros(now))
    found = standing(shipped_questionnaires()[responses[0].questionnaire], contributions, assigned)
    return answer(_rendered(responses, answers, assigned, found))


def _rendered(
    responses: list[AnsweredResponse], answers: list[Answer], assigned: list[Assignment], found: Standing
) -> list[Parameter]:
    by_id = {each.id: each for each in responses}
    shown: list[Parameter] = [
        reference("whole", f"QuestionnaireResponse/{responses[0].id}"),
        coded("questionnaire", responses[0].questionnaire),
        coded("status", responses[0].status),
        yes("complete", found.complete),
    ]
    shown += [_section(item, found, by_id, answers) for item in found.sections]
    shown += [text("missing", item.link_id) for item in found.missing]
    shown += [reference("unfinished", f"QuestionnaireResponse/{each.response}") for each in found.unfinished]
    return shown + [_assigned(each, each not in found.outstanding) for each in assigned]


def _section(item: Item, found: Standing, by_id: dict[str, AnsweredResponse], answers: list[Answer]) -> Parameter:
    return parts("section", [
        coded("linkId", item.link_id), text("text", item.text),
        yes("required", item.required), yes("in", item not in found.missing and bool(found.by_section[item.link_id])),
        *(_part(each, by_id[each.response], item, answers) for each in found.by_section[item.link_id]),
    ])  # fmt: skip


def _part(contribution: Contribution, response: AnsweredResponse, item: Item, answers: list[Answer]) -> Parameter:
    inner: list[Parameter] = [
        reference("response", f"QuestionnaireResponse/{contribution.response}"),
        text("organisation", contribution.organisation), coded("status", response.status),
        instant("authored", response.authored),
    ]  # fmt: skip
    if response.author is not None:
        inner.insert(1, {"name": "author", "valueReference": response.author})
    inner += [
        parts("answer", [coded("linkId", each.link_id), text("text", each.text)])
        for each in answers if each.response.id == response.id and each.section == item.link_id
    ]  # fmt: skip
    return parts("part", inner)


def _assigned(assignment: Assignment, done: bool) -> Parameter:
    inner: list[Parameter] = [reference("task", f"Task/{assignment.task}")]
    if assignment.organisation is not None:
        inner.append(text("organisation", assignment.organisation))
    inner += [coded("section", each) for each in assignment.sections]
    return parts("assigned", [*inner, yes("in", done)])
