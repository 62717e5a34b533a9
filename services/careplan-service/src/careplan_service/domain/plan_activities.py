"""How work based on a plan shows on the plan: a reference in `activity` once, and progress as it comes.

So the network sees how an action of a community provider goes (AC-028), and what came of a referral (AC-050).

http://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.progress
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.clock import to_instant
from tandem.fhir.body import Resource

TOLD = frozenset({"accepted", "rejected", "completed", "failed", "cancelled", "revoked", "entered-in-error"})
"""Statuses of a Task or ServiceRequest that are put down as progress."""


def with_activity(plan: Resource, reference: str, status: str, at: datetime) -> Resource:
    """The plan with the work among its activities and its status among that activity's progress.

    Every other value stays as it was. A plan that says so already is answered unchanged.
    """
    activities: list[dict[str, Any]] = [*(plan.get("activity") or ())]
    place = next((place for place, each in enumerate(activities) if _refers(each, reference)), None)
    if place is None:
        activities.append({"reference": {"reference": reference}})
        place = len(activities) - 1
    activities[place] = _with_progress(activities[place], f"{reference.partition('/')[0]} {status}", status, at)
    return {**plan, "activity": activities}


def is_told_status(text: str) -> bool:
    """Whether a progress note is one of those that are put down here, and says no more than a status."""
    kind, _, status = text.partition(" ")
    return kind in ("Task", "ServiceRequest") and status in TOLD


def _with_progress(activity: dict[str, Any], text: str, status: str, at: datetime) -> dict[str, Any]:
    progress = activity.get("progress") or []
    if status not in TOLD or any(note.get("text") == text for note in progress):
        return activity
    return {**activity, "progress": [*progress, {"time": to_instant(at), "text": text}]}


def _refers(activity: dict[str, Any], reference: str) -> bool:
    text = str((activity.get("reference") or {}).get("reference") or "")
    return text.partition("/_history/")[0] == reference
