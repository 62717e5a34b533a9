"""The Task by which a request of another service is to be fulfilled, and what becomes of it when that is withdrawn.

Shaped as the UK Core example of a Task that fulfils a ServiceRequest (AC-050).
"""

from __future__ import annotations

from typing import Any

from mdt_service.domain.task_transitions import may_follow
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
    `requester`, `owner` (References), `priority` and `description`.
    """
    task: Resource = {
        "resourceType": "Task",
        "id": asked["task"],
        "basedOn": [{"reference": asked["request"]}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [_FULFIL]},
        "focus": {"reference": asked["request"]},
        "for": {"reference": f"Patient/{patient}"},
        "authoredOn": asked["authoredOn"],
        "lastModified": asked["authoredOn"],
    }
    return task | {name: asked[name] for name in _TAKEN_OVER if asked.get(name) is not None}


def withdrawn(task: Resource) -> Resource | None:
    """The Task cancelled because its request was withdrawn; None when it has come to an end already."""
    if not may_follow(str(task.get("status")), "cancelled") or task.get("status") == "cancelled":
        return None
    return {**task, "status": "cancelled", "statusReason": {"text": "The request was withdrawn"}}
