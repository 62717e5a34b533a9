"""Gathering what is known of a shared plan, from the tables of this service. Each of a plan takes six statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from careplan_service.activation.measurements import activations_of
from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.domain.plan_agreement import PEOPLE, is_expressed_by_person, is_personal_goal, person_contributed
from careplan_service.domain.plans.goal_activities import activities_by_goal, goals_of_plan
from careplan_service.domain.plans.plan_facts import PlanFacts
from careplan_service.domain.plans.review import day_of_text, next_review
from careplan_service.plans.activity_rows import work_of_plan
from careplan_service.plans.plan_activation import Activation
from careplan_service.questionnaires.answers import (
    CONTENT,
    Answer,
    AnsweredResponse,
    answers_of_plan,
    responses_of_plan,
)
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.body import Resource


async def plan_facts(connection: Connection, activation: Activation) -> PlanFacts:
    """What the checklist asks about a plan."""
    plan, patient = activation.plan, activation.patient
    goals, expressed = await _goals(connection, plan, patient)
    answers = await answers_of_plan(connection, activation.id, CONTENT)
    responses = await responses_of_plan(connection, activation.id)
    made = [each for each in responses if each.questionnaire in ASSESSMENTS and each.finished]
    measured = await activations_of(connection, patient)
    work = await work_of_plan(connection, activation.id, patient)
    served = activities_by_goal(plan, work)
    return PlanFacts(
        plan=plan, programmes=activation.programmes, lists=activation.lists, goals=goals, expressed=expressed,
        answered=frozenset(each.link_id for each in answers),
        # the newest answer counts: who agreed may think again
        affirmed=frozenset(link for link, each in _newest(answers).items() if each.value is True),
        voice=bool(expressed) or person_contributed(plan) or any(map(_is_own, responses)),
        assessments=tuple(f"QuestionnaireResponse/{each.id}" for each in made),
        agencies=frozenset([await _agency(connection, each, activation) for each in made]),
        activation_level=measured[-1].level if measured else None,
        goals_without_activity=frozenset(goals_of_plan(plan, goals)) - served.keys(),
        review_due=next_review(plan) or _review_day(answers),
    )  # fmt: skip


async def _goals(connection: Connection, plan: Resource, patient: str) -> tuple[frozenset[str], frozenset[str]]:
    rows = await connection.fetch("SELECT id, expressed FROM personal_goal WHERE patient = $1", patient)
    held = {row["id"]: bool(row["expressed"]) for row in rows}
    for each in plan.get("contained") or ():
        if each.get("resourceType") == "Goal" and is_personal_goal(each):
            held[f"#{each.get('id')}"] = is_expressed_by_person(each)
    return frozenset(held), frozenset(goal for goal, said in held.items() if said)


async def _agency(connection: Connection, response: AnsweredResponse, activation: Activation) -> str:
    """The organisation that made an assessment: the author's, if it is known here, else the one that wrote it."""
    named = str((response.author or {}).get("reference") or "")
    if response.author_kind == "Organization" and named:
        organisation = await organisation_named(connection, named)
    elif response.author_kind == "PractitionerRole":
        staff = await staff_member(connection, named, activation.day)
        organisation = staff.roles[0].organisation if staff is not None and staff.roles else None
    else:
        organisation = None
    return organisation.code if organisation is not None else response.organisation


def _newest(answers: Iterable[Answer]) -> dict[str, Answer]:
    return {each.link_id: each for each in answers}


def _is_own(response: AnsweredResponse) -> bool:
    return response.status != "stopped" and (response.source_kind in PEOPLE or response.author_kind in PEOPLE)


def _review_day(answers: Iterable[Answer]) -> date | None:
    days = [each.value for each in answers if each.link_id == "review-date"]
    return day_of_text(str(days[-1])) if days else None
