"""Which activity of a plan goes towards which goal, and who does it (EHCH-051).

An activity written out in the plan names its goals in `detail.goal`; a Task or ServiceRequest based on the plan names
them in the extension resource-pertainsToGoal.

http://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.detail.goal
http://hl7.org/fhir/R4/extension-resource-pertainstogoal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.canonical import PERTAINS_TO_GOAL
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id, target_ids


@dataclass(frozen=True, slots=True)
class GoalActivity:
    """One activity towards a goal. `reference` is None for one written out in the plan; `performers` are References."""

    reference: str | None
    description: str | None
    status: str
    performers: tuple[dict[str, Any], ...]
    progress: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """A Task or ServiceRequest based on the plan, as far as goals ask for it."""

    reference: str
    status: str
    description: str | None
    performers: tuple[dict[str, Any], ...]
    goals: tuple[str, ...]


def work_towards(resource: Resource, reference: str) -> Work:
    """What a Task or ServiceRequest says of its goals and its performers."""
    goals = [each.get("valueReference") for each in resource.get("extension") or () if each["url"] == PERTAINS_TO_GOAL]
    performers = [resource.get("owner")] if resource["resourceType"] == "Task" else resource.get("performer") or []
    code = resource.get("code") or {}
    display = next((each["display"] for each in code.get("coding") or () if each.get("display")), None)
    return Work(
        reference, str(resource.get("status")), resource.get("description") or code.get("text") or display,
        tuple(each for each in performers if isinstance(each, dict)), tuple(target_ids(goals, "Goal")),
    )  # fmt: skip


def goals_of_plan(plan: Resource, held: Iterable[str]) -> list[str]:
    """The goals of the plan: those it names, in order, and of the person's others none. `#id` is contained in it."""
    known, named = set(held), []
    for each in plan.get("goal") or ():
        text = str(each.get("reference") or "")
        identity = text if text.startswith("#") else target_id(each, "Goal")
        if identity is not None and identity in known and identity not in named:
            named.append(identity)
    return named


def activities_by_goal(plan: Resource, work: Sequence[Work]) -> Mapping[str, list[GoalActivity]]:
    """The activities towards each goal, by the goal's id."""
    found: dict[str, list[GoalActivity]] = {}
    progress = {
        str((each.get("reference") or {}).get("reference") or "").partition("/_history/")[0]:
            tuple(each.get("progress") or ())
        for each in plan.get("activity") or () if each.get("reference")
    }  # fmt: skip
    for activity in plan.get("activity") or ():
        detail = activity.get("detail")
        if detail is None:
            continue
        shown = GoalActivity(
            None, detail.get("description") or _words(detail.get("code")), str(detail.get("status")),
            tuple(detail.get("performer") or ()), tuple(activity.get("progress") or ()),
        )  # fmt: skip
        for goal in _goals(detail):
            found.setdefault(goal, []).append(shown)
    for each in work:
        shown = GoalActivity(
            each.reference, each.description, each.status, each.performers, progress.get(each.reference, ())
        )
        for goal in each.goals:
            found.setdefault(goal, []).append(shown)
    return found


def _goals(detail: dict[str, Any]) -> list[str]:
    references = detail.get("goal") or []
    contained = [str(each["reference"]) for each in references if str(each.get("reference") or "").startswith("#")]
    return [*target_ids(references, "Goal"), *contained]


def _words(code: Any) -> str | None:
    if not isinstance(code, dict):
        return None
    display = next((each["display"] for each in code.get("coding") or () if each.get("display")), None)
    return code.get("text") or display
