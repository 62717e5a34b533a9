"""Keeping the answers of responses to shipped Questionnaires beside them, in the same transaction."""

from __future__ import annotations

from typing import Any

from careplan_service.domain.questionnaires.assessment_part import whole_of_part
from careplan_service.domain.questionnaires.questionnaire import Questionnaire
from careplan_service.questionnaires.shipped_questionnaires import questionnaire_answered
from tandem.clock import to_micros
from tandem.fhir.answers_given import answers_given
from tandem.fhir.body import Resource, encode
from tandem.fhir.literal_reference import target_ids
from tandem.identity.periods import bounds
from tandem.service import Change, Work

_BY_RESPONSE, _BY_PLAN = "response", "plan"


async def keep_answers(change: Change, work: Work) -> None:
    """Keep what a response answers, and drop what an earlier version did. Costs nothing for other responses."""
    before, asked = questionnaire_answered(change.before), questionnaire_answered(change.after)
    if before is not None:
        await _drop(change.id, work)
    if asked is None or change.patient is None or change.after is None:
        return
    if change.after.get("status") != "entered-in-error":
        await _keep(change, work, asked, change.after, change.patient)


async def keep_links_of_plan(change: Change, work: Work) -> None:
    """Keep which responses made earlier a plan takes up as its supporting information (EHCH-038)."""
    linked = target_ids((change.after or {}).get("supportingInfo"), "QuestionnaireResponse")
    if change.before is not None:
        sql = "DELETE FROM response_plan WHERE plan = $1 AND said_by = $2"
        await work.connection.execute(sql, change.id, _BY_PLAN)
    for response in linked if change.patient is not None else ():
        await _link(work, response, change.id, _BY_PLAN, str(change.patient))


async def _drop(response: str, work: Work) -> None:
    await work.connection.execute("DELETE FROM questionnaire_response WHERE id = $1", response)
    await work.connection.execute("DELETE FROM response_answer WHERE response = $1", response)
    sql = "DELETE FROM response_plan WHERE response = $1 AND said_by = $2"
    await work.connection.execute(sql, response, _BY_RESPONSE)


async def _keep(change: Change, work: Work, asked: Questionnaire, response: Resource, patient: str) -> None:
    sql = "SELECT author FROM resource WHERE type = 'QuestionnaireResponse' AND id = $1"
    organisation = await work.connection.fetchval(sql, change.id)
    await work.connection.execute(
        "INSERT INTO questionnaire_response (id, questionnaire, patient, status, authored, author, author_kind, source,"
        " source_kind, organisation, whole) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        change.id, asked.name, patient, str(response.get("status")), _authored(change, response),
        *_reference(response.get("author")), *_reference(response.get("source")),
        organisation or change.caller.organisation, whole_of_part(response),
    )  # fmt: skip
    for position, given in enumerate(answers_given(response)):
        await work.connection.execute(
            "INSERT INTO response_answer (response, position, section, link_id, value) VALUES ($1, $2, $3, $4, $5)",
            change.id, position, given.section, given.link_id, encode(given.value).decode(),
        )  # fmt: skip
    for plan in target_ids(response.get("basedOn"), "CarePlan"):
        await _link(work, change.id, plan, _BY_RESPONSE, patient)


async def _link(work: Work, response: str, plan: str, said_by: str, patient: str) -> None:
    await work.connection.execute(
        "INSERT INTO response_plan (response, plan, said_by, patient) VALUES ($1, $2, $3, $4)",
        response, plan, said_by, patient,
    )  # fmt: skip


def _authored(change: Change, response: Resource) -> int:
    text = response.get("authored")
    return bounds(text)[0] if isinstance(text, str) else to_micros(change.now)


def _reference(reference: Any) -> tuple[str | None, str | None]:
    if not isinstance(reference, dict):
        return None, None
    literal = str(reference.get("reference") or "")
    kind = reference.get("type") or (literal.split("/")[-2] if "/" in literal else None)
    return encode(reference).decode(), kind
