"""Which status of a Task may follow which: http://hl7.org/fhir/R4/task.html#statemachine (AC-028).

A Task may be created in any status, because others' records come with a past. From then on it moves by this table,
whoever moves it.

The usual way of an action: `requested`, `accepted`, `in-progress`, `completed`. A performer that looks before it
answers says `received` first. What waits is `on-hold` and goes on where it was. A Task that was made for a
ServiceRequest is cancelled when the request is revoked, deleted or found to be an error, if the table lets it; one that
has ended stays as it ended.
"""

from __future__ import annotations

from typing import Final

from tandem.fhir.status_transitions import StatusTransitions

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

_STATES: Final = StatusTransitions(TRANSITIONS)
may_follow = _STATES.may_follow
"""Whether a Task in one status may be given another."""
status_moves_by_the_table = _STATES.moves_by_the_table
"""Refuses an update to a status that may not follow; says from, to and what is allowed."""
