"""Which status of a Task may follow which: http://hl7.org/fhir/R4/task.html#statemachine (AC-028).

A Task may be created in any status, because others' records come with a past. From then on it moves by this table,
whoever moves it. `docs/task-states.md` draws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tandem.fhir.outcome import Issue
from tandem.service import Change

ERROR: Final = "entered-in-error"

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # not yet to be acted upon
    "draft": ("requested", "ready", "cancelled", ERROR),
    # action is sought; a performer may look at it first, or answer at once
    "requested": ("received", "accepted", "rejected", "cancelled", ERROR),
    "received": ("accepted", "rejected", "cancelled", ERROR),
    # a performer agreed, and has not begun
    "accepted": ("ready", "in-progress", "on-hold", "failed", "cancelled", ERROR),
    "ready": ("in-progress", "on-hold", "failed", "cancelled", ERROR),
    # begun; what waits goes on where it was
    "in-progress": ("ready", "on-hold", "completed", "failed", "cancelled", ERROR),
    "on-hold": ("accepted", "ready", "in-progress", "failed", "cancelled", ERROR),
    # at an end
    "completed": (ERROR,),
    "failed": (ERROR,),
    "rejected": (ERROR,),
    "cancelled": (ERROR,),
    ERROR: (),
}
"""From each status of http://hl7.org/fhir/R4/valueset-task-status.html to those that may follow, besides itself."""


def may_follow(before: str, after: str) -> bool:
    """Whether a Task in status `before` may be given status `after`."""
    return before == after or after in TRANSITIONS.get(before, ())


def status_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses an update to a status that may not follow; says from, to and what is allowed."""
    if change.before is None or change.after is None:
        return
    before, after = str(change.before.get("status")), str(change.after.get("status"))
    if not may_follow(before, after):
        allowed = ", ".join(TRANSITIONS.get(before, ())) or "nothing"
        yield Issue(f"Task.status cannot go from '{before}' to '{after}'; allowed: {allowed}", "Task.status")
