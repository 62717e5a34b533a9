"""`POST CarePlan/[id]/$review`: a review of the plan is recorded, and the next one set (EHCH-041, PCPC-055)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from careplan_service.domain.plan_agreement import is_personal_goal
from careplan_service.domain.plans.review import Review, latest_next, review_faults, with_progress, with_review
from careplan_service.plans.plan_activation import Activation
from careplan_service.plans.plan_asked import AskedPlan, asked_plan
from careplan_service.plans.review_parameters import clinical_reason, progress_asked, reviewer, short_note
from careplan_service.plans.shipped_checklist import review_policy
from careplan_service.plans.standing import activation_of, standing_of, told_of
from careplan_service.questionnaires.answers import CONTENT
from tandem.canonical import QUESTIONNAIRE
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import names_of
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.etag import version_headers
from tandem.fhir.operation_parameters import only, optional_day
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.audit import record
from tandem.ids import deterministic_id
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

REVIEWED = "tandem.plan.reviewed"
_PARAMETERS = ("reason", "reviewer", "next", "note", "goal")


async def review(call: OperationCall) -> FhirResponse:
    """Record a review: the CarePlan in its new version.

    Parameters `reason` (the clinical reason, a CodeableConcept, Coding or text), `reviewer` (a Reference, else the
    token's user), `next` (a day; else as late as the policy of the plan's programmes allows), `note`, and `goal`
    (repeated, with parts `goal`, `achievement` and `note`). With it go the Goals in a new version, a response with the
    items review-date and review-person, and the event tandem.plan.reviewed. Raises FhirError 400, 404, 409, 422.
    """
    only(call, _PARAMETERS)
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.transaction() as connection:
        asked = await asked_plan(call, connection, lock=True)
        work = work_of(call, connection, now)
        activation = await activation_of(connection, asked.plan, asked.patient, now)
        held = _review(call, now, activation)
        goals = await _goals(call, connection, asked.patient, held)
        _check(held, asked, activation, frozenset(goals), await _has_goals(connection, asked.patient))
        for each in held.progress:
            await work.put(with_progress(goals[each.goal], each, held))
        plan = await work.put(with_review(asked.plan, held))
        await _say(work, asked, plan, held)
        entry = audit_entry(
            call.request, "$review", to_micros(now), resource_type="CarePlan", resource_id=call.id,
            patient=asked.patient,
        )  # fmt: skip
        await record(connection, [entry])
    headers = version_headers(int(plan["meta"]["versionId"]), to_micros(now))
    return FhirResponse(200, encode(plan), headers)


def _check(
    held: Review, asked: AskedPlan, activation: Activation, goals: frozenset[str], has_goals: bool
) -> None:
    interval = review_policy().interval(activation.programmes)
    asks_for_progress = has_goals and "PCPC" in activation.programmes
    if faults := list(review_faults(asked.plan, held, activation.day, interval, goals, asks_for_progress)):
        raise FhirError(Kind.BUSINESS_RULE, issues=faults)


async def _goals(call: OperationCall, connection: Connection, patient: str, held: Review) -> dict[str, Resource]:
    """The goals that the review names, as far as they are the person's and the caller may see them."""
    found: dict[str, Resource] = {}
    for each in held.progress:
        goal = await visible_resource(call.kernel, connection, call.request, "Goal", each.goal, lock=True)
        if goal is not None and goal.body is not None and goal.patient == patient:
            found[each.goal] = decode(goal.body)
    return {name: goal for name, goal in found.items() if is_personal_goal(goal)}


async def _has_goals(connection: Connection, patient: str) -> bool:
    sql = "SELECT 1 FROM personal_goal WHERE patient = $1 LIMIT 1"
    return await connection.fetchval(sql, patient) is not None


async def _say(work: Work, asked: AskedPlan, plan: Resource, held: Review) -> None:
    identity, version = str(plan["id"]), str(plan["meta"]["versionId"])
    names = await names_of(work.connection, [str(held.reviewer.get("reference") or "")])
    person = held.reviewer.get("display") or next(iter(names.values()), None)
    items = [{"linkId": "review-date", "answer": [{"valueDate": held.next.isoformat()}]}]
    if person is not None:
        items.append({"linkId": "review-person", "answer": [{"valueString": person}]})
    await work.put({
        "resourceType": "QuestionnaireResponse", "id": deterministic_id("plan-review", identity, version),
        "questionnaire": f"{QUESTIONNAIRE}/{CONTENT}", "status": "completed", "basedOn": [
            {"reference": f"CarePlan/{identity}"},
        ], "subject": {"reference": f"Patient/{asked.patient}"}, "authored": to_instant(held.at),
        "author": held.reviewer, "item": items,
    })  # fmt: skip
    data = {
        "plan": f"CarePlan/{identity}", "at": to_instant(held.at), "reason": held.reason, "next": held.next.isoformat(),
        **told_of(await standing_of(work.connection, plan, asked.patient, held.at)),
    }
    await work.emit(REVIEWED, data, key=f"{identity}/{version}", patient=asked.patient)


def _review(call: OperationCall, now: datetime, activation: Activation) -> Review:
    interval = review_policy().interval(activation.programmes)
    return Review(
        now, clinical_reason(call), reviewer(call),
        optional_day(call, "next") or latest_next(activation.day, interval),
        short_note(call.one("note"), "note"), progress_asked(call),
    )  # fmt: skip
