"""What writing an assessment asks for and changes besides itself, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.assessments.parts import assignments_of, contributions_to
from careplan_service.domain.assessments.completeness import closing_faults, standing
from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.domain.assessments.plan_link import plan_link_faults
from careplan_service.domain.questionnaires.assessment_part import whole_of_part
from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.domain.shared_plan import is_shared_plan
from careplan_service.questionnaires.shipped_questionnaires import questionnaire_answered
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.service import Change, Work

_SHOWN_STATUS = ("draft", "active", "on-hold", "unknown")


def is_recorded_in_a_plan(change: Change) -> Iterator[Issue]:
    """Refuses a needs assessment or coordination review that is completed without a plan (AC-044)."""
    asked = questionnaire_answered(change.after)
    if asked is not None and change.after is not None:
        yield from plan_link_faults(asked.name, change.after)


async def part_belongs_to_its_whole(change: Change, work: Work) -> None:
    """Refuses a part whose whole is about another person, answers another Questionnaire, or is a part itself."""
    whole = whole_of_part(change.after) if change.after is not None else None
    if whole is None or questionnaire_answered(change.after) is None or change.after is None:
        return
    held = await work.connection.fetchrow(
        "SELECT patient, questionnaire, whole FROM questionnaire_response WHERE id = $1", whole
    )
    own = await work.connection.fetchrow(
        "SELECT patient, questionnaire FROM questionnaire_response WHERE id = $1", change.id
    )
    if held is None or own is None:
        return
    same = (held["patient"], held["questionnaire"]) == (own["patient"], own["questionnaire"])
    if not same or held["whole"] is not None or whole == change.id:
        text = "A part names a whole assessment of the same person by the same questionnaire (AC-045)"
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(text, "QuestionnaireResponse.extension")])


async def closes_when_all_is_in(change: Change, work: Work) -> None:
    """Refuses to complete a whole while a domain, a begun part or an assigned one is not in (EHCH-045, AC-045).

    Raises FhirError 422 with everything that is missing. One that arrives completed was held to its required groups by
    the rules, and has no parts yet.
    """
    asked = questionnaire_answered(change.after)
    if asked is None or change.after is None or change.before is None or change.patient is None:
        return
    if change.after.get("status") not in FINISHED or whole_of_part(change.after) is not None:
        return
    _, contributions, _ = await contributions_to(work.connection, change.id)
    assignments = await assignments_of(work.connection, change.id, change.patient, work.now)
    if faults := list(closing_faults(asked, standing(asked, contributions, assignments))):
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


async def show_on_plans(change: Change, work: Work) -> None:
    """Put a completed assessment on the plans it is based on (AC-044)."""
    asked = questionnaire_answered(change.after)
    if asked is None or asked.name not in ASSESSMENTS or change.after is None or change.patient is None:
        return
    if change.after.get("status") in FINISHED and whole_of_part(change.after) is None:
        for plan in target_ids(change.after.get("basedOn"), "CarePlan"):
            await _show(work, plan, change.patient, [change.id])


async def show_waiting_assessments(change: Change, work: Work) -> None:
    """Assessments that were completed for this plan before the plan came here are shown on it."""
    if change.action != "create" or change.patient is None or not is_shared_plan(change.after):
        return
    names = ", ".join(f"'{name}'" for name in ASSESSMENTS)
    rows = await work.connection.fetch(
        "SELECT q.id FROM response_plan p JOIN questionnaire_response q ON q.id = p.response"
        f" WHERE p.plan = $1 AND p.said_by = 'response' AND q.patient = $2 AND q.questionnaire IN ({names})"
        " AND q.whole IS NULL AND q.status IN ('completed', 'amended') ORDER BY q.authored, q.id",
        change.id, change.patient,
    )  # fmt: skip
    await _show(work, change.id, change.patient, [row["id"] for row in rows])


async def _show(work: Work, plan: str, patient: str, responses: list[str]) -> None:
    owner = await work.connection.fetchval(
        "SELECT patient FROM resource WHERE type = 'CarePlan' AND id = $1 AND deleted = 0", plan
    )
    held = await work.read("CarePlan", plan) if responses and owner == patient else None
    if held is None or not is_shared_plan(held) or held.get("status") not in _SHOWN_STATUS:
        return
    shown = _with_assessments(held, responses)
    if shown != held:
        await work.put(shown)


def _with_assessments(plan: Resource, responses: list[str]) -> Resource:
    held = target_ids(plan.get("supportingInfo"), "QuestionnaireResponse")
    new = [{"reference": f"QuestionnaireResponse/{each}"} for each in responses if each not in held]
    return {**plan, "supportingInfo": [*(plan.get("supportingInfo") or ()), *new]} if new else plan
