"""The Task by which a request of another service is to be fulfilled, and what becomes of it when that is withdrawn.

Shaped as the UK Core example of a Task that fulfils a ServiceRequest (AC-050).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mdt_service.domain.task_transitions import TRANSITIONS, may_follow
from tandem.canonical import STAFF_KIND, TASK_KIND
from tandem.fhir.body import Resource

WITHDRAWN = frozenset({"revoked", "entered-in-error"})
"""Statuses of a ServiceRequest that take its Task back."""

_FULFIL = {
    "system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill", "display": "Fulfill the focal request",
}  # fmt: skip
_TAKEN_OVER = ("requester", "owner", "priority", "description")


def requested_task(asked: dict[str, Any], patient: str) -> Resource:
    """The Task of a `tandem.task.requested`.

    `asked` holds `task` (the id), `request` (`ServiceRequest/1`), `authoredOn`, and as far as they are known
    `requester`, `owner` (References), `priority`, `description`, `kind` (a code of TASK_KIND; without one the Task is
    the one that fulfils the request), `due` (an instant), `note` (text) and `performerType` (a code of STAFF_KIND).
    """
    task: Resource = {
        "resourceType": "Task",
        "id": asked["task"],
        "basedOn": [{"reference": asked["request"]}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": asked["kind"]} if asked.get("kind") else _FULFIL]},
        "focus": {"reference": asked["request"]},
        "for": {"reference": f"Patient/{patient}"},
        "authoredOn": asked["authoredOn"],
        "lastModified": asked["authoredOn"],
    }
    if asked.get("due") is not None:
        task["restriction"] = {"period": {"end": asked["due"]}}
    if asked.get("note") is not None:
        task["note"] = [{"text": asked["note"]}]
    if asked.get("performerType") is not None:
        task["performerType"] = [{"coding": [{"system": STAFF_KIND, "code": asked["performerType"]}]}]
    return task | {name: asked[name] for name in _TAKEN_OVER if asked.get(name) is not None}


def withdrawn(task: Resource) -> Resource | None:
    """The Task cancelled because its request was withdrawn; None when it has come to an end already."""
    return next(ended(task, "cancelled", "The request was withdrawn"), None)


def ended(
    task: Resource, status: str, reason: str | None, business_status: dict[str, Any] | None = None
) -> Iterator[Resource]:  # fmt: skip
    """The Task on its way to `completed` or `cancelled`, one version a step that the table of states asks for.

    Nothing when it has come to an end already. Reason and business status (a CodeableConcept) stand in the
    last.
    """
    way = _way(str(task.get("status")), status)
    for each in way:
        task = {**task, "status": each}
        if each == status and reason is not None:
            task = {**task, "statusReason": {"text": reason}}
        if each == status and business_status is not None:
            task = {**task, "businessStatus": business_status}
        yield task


def _way(start: str, end: str) -> list[str]:
    """The shortest way through the table of states; empty when there is none, or it is there."""
    if start == end:
        return []
    ways = [[start]]
    for way in ways:
        if may_follow(way[-1], end):
            return [*way[1:], end]
        ways += [[*way, each] for each in TRANSITIONS.get(way[-1], ()) if each not in way and len(way) < 4]
    return []
