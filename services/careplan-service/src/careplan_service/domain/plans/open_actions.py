"""A plan is closed when nothing of it is left to do: each action is ended, or moved to another plan, first.

http://hl7.org/fhir/R4/valueset-care-plan-activity-status.html, valueset-task-status.html, valueset-request-status.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue

CLOSED = frozenset({"completed", "revoked"})
"""Statuses of a plan that is closed. One entered in error never was a plan, and is withdrawn as it stands."""
_DETAIL_OPEN = frozenset({"not-started", "scheduled", "in-progress", "on-hold", "unknown"})
OPEN = frozenset({"draft", "requested", "received", "accepted", "ready", "in-progress", "active", "on-hold"})
"""Statuses of a Task or ServiceRequest that is still to be done."""


def open_details(plan: Resource) -> list[str]:
    """The FHIRPaths of the activities, written out in the plan itself, that are open."""
    return [
        f"CarePlan.activity[{place}].detail.status"
        for place, activity in enumerate(plan.get("activity") or ())
        if (activity.get("detail") or {}).get("status") in _DETAIL_OPEN
    ]


def closing_faults(plan: Resource, open_work: Iterable[str]) -> Iterator[Issue]:
    """What keeps a plan from being closed; `open_work` are references of Tasks and ServiceRequests based on it."""
    rule = "end it, or base it on the plan that follows, before this plan is closed (000 §3.16 r8)"
    for reference in open_work:
        yield Issue(f"{reference} of this plan is still open: {rule}", "CarePlan.activity.reference")
    for path in open_details(plan):
        yield Issue(f"An activity of this plan is still open: {rule}", path)
