"""What happens when a Task is not done by its day: it is told at once, and chased after a while (a dated policy).

Seven days are ours: the specifications ask that actions are tracked to delivery (003 §2.3) and name no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from mdt_service.domain.tasks.due import kind_of
from tandem.canonical import TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code

NOT_CHASED: Final = frozenset({"chase", "duty", "agenda-item"})
"""Kinds that are chased by rules of their own, or not at all."""


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """From a day on, an overdue Task is chased after so many days."""

    version: int
    first: date
    chase_after_days: int


POLICIES: Final = (EscalationPolicy(1, date(2019, 7, 1), 7),)


def chase_at(due: datetime) -> datetime | None:
    """When a Task that was due then is chased; None before the first policy, and after the calendar."""
    begun = [each for each in POLICIES if each.first <= due.date()]
    try:
        return due + timedelta(days=begun[-1].chase_after_days) if begun else None
    except OverflowError:
        # Many systems write 9999-12-31 for no end.
        return None


def is_escalated(task: Resource) -> bool:
    """Whether somebody else waits for it: it has a requester that is not its owner, and a kind that is chased."""
    requester, owner = task.get("requester"), task.get("owner")
    if not requester or kind_of(task) in NOT_CHASED:
        return False
    return (reference_code(requester), requester.get("reference")) != (
        reference_code(owner), (owner or {}).get("reference")
    )  # fmt: skip


def chase_task(identity: str, task: Resource, at: datetime) -> Resource:
    """The Task by which whoever asked chases the one that is overdue."""
    chase: dict[str, Any] = {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order", "priority": "urgent",
        "code": {"coding": [{"system": TASK_KIND, "code": "chase"}], "text": "Chase an overdue action"},
        "focus": {"reference": f"Task/{task['id']}"}, "partOf": [{"reference": f"Task/{task['id']}"}],
        "for": task["for"], "owner": task["requester"], "authoredOn": to_instant(at), "lastModified": to_instant(at),
    }  # fmt: skip
    if task.get("basedOn"):
        chase["basedOn"] = task["basedOn"]
    return chase
