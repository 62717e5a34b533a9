"""How work based on a plan shows on the plan: a reference in `activity` once, and progress as it comes.

So the network sees how an action of a community provider goes (AC-028), and what came of a referral (AC-050). A request
that was made of an activity written out in the plan names it by its element id in the extension plan-activity; that
activity then shows the request as its outcomeReference, its progress and status (AC-055).

http://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.progress
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tandem.canonical import PLAN_ACTIVITY
from tandem.clock import to_instant
from tandem.fhir.body import Resource

TOLD = frozenset({"accepted", "rejected", "completed", "failed", "cancelled", "revoked", "entered-in-error"})
"""Statuses of a Task or ServiceRequest that are put down as progress."""
_STILL_OPEN: Final = frozenset({"not-started", "scheduled", "in-progress", "on-hold", "unknown"})
_DETAIL_STATUS: Final = (("completed", "completed"), ("active", "in-progress"), ("on-hold", "on-hold"))
"""Status of a request, and of the activity that it was made of; the first that any of its requests has."""


def activity_named(work: Resource) -> str | None:
    """The element id of the activity that a request was made of."""
    named = (each.get("valueString") for each in work.get("extension") or () if each.get("url") == PLAN_ACTIVITY)
    return next((str(each) for each in named if each), None)


def with_activity(
    plan: Resource, reference: str, status: str, at: datetime, activity: str | None = None
) -> Resource:  # fmt: skip
    """The plan with the work among its activities and its status among that activity's progress.

    `activity` is the id of the activity written out in the plan that the work was asked for of. Every other value stays
    as it was. A plan that says so already is answered unchanged.
    """
    activities: list[dict[str, Any]] = [*(plan.get("activity") or ())]
    place = next((place for place, each in enumerate(activities) if _refers(each, reference)), None)
    if place is None and activity is not None:
        place = next(
            (place for place, each in enumerate(activities) if each.get("id") == activity and each.get("detail")), None
        )
        if place is not None:
            named = [*(activities[place].get("outcomeReference") or ()), {"reference": reference}]
            activities[place] = {**activities[place], "outcomeReference": named}
    if place is None:
        activities.append({"reference": {"reference": reference}})
        place = len(activities) - 1
    activities[place] = _with_progress(activities[place], f"{reference.partition('/')[0]} {status}", status, at)
    return {**plan, "activity": activities}


def with_statuses_of_requests(plan: Resource, statuses: Mapping[str, str]) -> Resource:
    """The plan with the status of each open activity that requests were made of; `statuses` by `ServiceRequest/id`.

    An activity whose requests all came to nothing is not started: the need is still there.
    """
    activities = [_with_status(each, statuses) for each in plan.get("activity") or ()]
    return {**plan, "activity": activities} if activities != (plan.get("activity") or []) else plan


def is_told_status(text: str) -> bool:
    """Whether a progress note is one of those that are put down here, and says no more than a status."""
    kind, _, status = text.partition(" ")
    return kind in ("Task", "ServiceRequest") and status in TOLD


def _with_progress(activity: dict[str, Any], text: str, status: str, at: datetime) -> dict[str, Any]:
    progress = activity.get("progress") or []
    if status not in TOLD or any(note.get("text") == text for note in progress):
        return activity
    return {**activity, "progress": [*progress, {"time": to_instant(at), "text": text}]}


def _with_status(activity: dict[str, Any], statuses: Mapping[str, str]) -> dict[str, Any]:
    detail, made = activity.get("detail"), {statuses[each] for each in _outcomes(activity) if each in statuses}
    if detail is None or not made or detail.get("status") not in _STILL_OPEN:
        return activity
    status = next((shown for said, shown in _DETAIL_STATUS if said in made), "not-started")
    return {**activity, "detail": {**detail, "status": status}}


def _refers(activity: dict[str, Any], reference: str) -> bool:
    text = str((activity.get("reference") or {}).get("reference") or "")
    return text.partition("/_history/")[0] == reference or reference in _outcomes(activity)


def _outcomes(activity: dict[str, Any]) -> list[str]:
    named = [str(each.get("reference") or "") for each in activity.get("outcomeReference") or ()]
    return [each for each in named if each.startswith("ServiceRequest/")]
