"""`CarePlan/{id}/$goals`: the goals of a plan with what is done towards each, and those without anything (EHCH-051)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.plan_agreement import is_personal_goal
from careplan_service.domain.plans.goal_activities import GoalActivity, activities_by_goal, goals_of_plan
from careplan_service.plans.activity_rows import work_of_plan
from careplan_service.plans.performers import organisation_behind
from careplan_service.plans.plan_asked import AskedPlan, asked_plan
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import DirectoryOrganisation
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_parameters import only, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def goals(call: OperationCall) -> FhirResponse:
    """A `goal` for each goal of the plan, and `withoutActivity`, a Reference for each towards which nothing is done.

    A goal has `goal`, `text`, `expressedBy`, `lifecycleStatus`, `achievement` and an `activity` each: `reference` (none
    when it is written out in the plan), `text`, `status`, `performer`s with `name` and `outsideTheHome`, `progress`.
    Raises FhirError 404, 422.
    """
    only(call, ())
    kernel = call.kernel
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        held = await _goals(call, connection, asked)
        work = await work_of_plan(connection, str(call.id), asked.patient)
        served = activities_by_goal(asked.plan, work)
        of_plan = goals_of_plan(asked.plan, held)
        behind = await _organisations(call, connection, [each for goal in of_plan for each in served.get(goal, [])])
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$goals", "CarePlan", {asked.patient}, now)
    without = [goal for goal in of_plan if goal not in served]
    return answer([
        *(_goal(goal, held[goal], served.get(goal, []), behind) for goal in of_plan),
        *(reference("withoutActivity", _reference(goal)) for goal in without),
    ])  # fmt: skip


_CARE_HOME = "care-home"
_Behind = dict[str, DirectoryOrganisation | None]


async def _goals(call: OperationCall, connection: Connection, asked: AskedPlan) -> dict[str, Resource]:
    """The person's goals that the caller may see, by id, and those contained in the plan, by `#id`."""
    params: list[Any] = [asked.patient]
    seen = visible(
        call.request.caller, "r", params, to_micros(call.kernel.clock.now()), resource_type="Goal",
        registered_only=call.kernel.registered_only(),
    )  # fmt: skip
    rows = await connection.fetch(
        "SELECT r.id, l.body FROM resource r JOIN log l ON l.id = r.log_id"
        f" WHERE r.type = 'Goal' AND r.patient = $1 AND r.deleted = 0 AND ({seen})", *params,
    )  # fmt: skip
    found: dict[str, Resource] = {row["id"]: decode(row["body"]) for row in rows}
    for each in asked.plan.get("contained") or ():
        if each.get("resourceType") == "Goal":
            found[f"#{each.get('id')}"] = each
    return {goal: each for goal, each in found.items() if is_personal_goal(each)}


async def _organisations(call: OperationCall, connection: Connection, activities: list[GoalActivity]) -> _Behind:
    found: _Behind = {}
    for activity in activities:
        for performer in activity.performers:
            key = str(performer)
            if key not in found:
                found[key] = await organisation_behind(connection, performer, today(call))
    return found


def _goal(goal: str, held: Resource, activities: list[GoalActivity], behind: _Behind) -> Parameter:
    inner: list[Parameter] = [
        reference("goal", _reference(goal)),
        text("text", str((held.get("description") or {}).get("text") or "")),
        coded("lifecycleStatus", str(held.get("lifecycleStatus"))),
    ]  # fmt: skip
    if isinstance(held.get("expressedBy"), dict):
        inner.append({"name": "expressedBy", "valueReference": held["expressedBy"]})
    codings = (held.get("achievementStatus") or {}).get("coding") or ()
    inner += [coded("achievement", each["code"]) for each in codings[:1] if each.get("code")]
    return parts("goal", [*inner, *(_activity(each, behind) for each in activities)])


def _activity(activity: GoalActivity, behind: _Behind) -> Parameter:
    inner: list[Parameter] = [coded("status", activity.status)]
    if activity.reference is not None:
        inner.append(reference("reference", activity.reference))
    if activity.description:
        inner.append(text("text", activity.description))
    inner += [_performer(each, behind[str(each)]) for each in activity.performers]
    return parts("activity", [*inner, *(text("progress", str(each.get("text"))) for each in activity.progress)])


def _performer(performer: dict[str, Any], organisation: DirectoryOrganisation | None) -> Parameter:
    inner: list[Parameter] = [{"name": "reference", "valueReference": performer}]
    if organisation is not None:
        inner += [text("organisation", organisation.code), yes("outsideTheHome", organisation.kind != _CARE_HOME)]
        if organisation.name:
            inner.append(text("name", organisation.name))
    return parts("performer", inner)


def _reference(goal: str) -> str:
    return goal if goal.startswith("#") else f"Goal/{goal}"
