"""Which status of a meeting may follow which: http://hl7.org/fhir/R4/valueset-appointmentstatus.html.

A meeting is planned (`booked`), under way (`arrived`) and held (`fulfilled`): that closes its record. One that did not
take place is a `noshow`, or `cancelled` beforehand. A meeting may be created in any status, because records of others
come with a past.
"""

from __future__ import annotations

from typing import Final

from tandem.fhir.status_transitions import StatusTransitions

ERROR: Final = "entered-in-error"
PLANNED: Final = ("proposed", "pending", "booked")
UNDER_WAY: Final = "arrived"
HELD: Final = "fulfilled"
TAKES_TIME: Final = (*PLANNED, UNDER_WAY, HELD)
"""Meetings in these states take up the time of their team."""
OPEN: Final = (*PLANNED, UNDER_WAY)
"""Meetings in these states can still be recorded."""

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # planned
    "proposed": ("pending", "booked", "cancelled", ERROR),
    "pending": ("booked", "cancelled", ERROR),
    "booked": ("arrived", "fulfilled", "noshow", "cancelled", ERROR),
    # under way; what began may still be broken off
    "arrived": ("fulfilled", "cancelled", ERROR),
    # at an end
    "fulfilled": (ERROR,),
    "noshow": (ERROR,),
    "cancelled": (ERROR,),
    ERROR: (),
}

_STATES: Final = StatusTransitions(TRANSITIONS)
may_follow = _STATES.may_follow
"""Whether a meeting in one status may be given another."""
moves_by_the_table = _STATES.moves_by_the_table
"""Refuses an update to a status that may not follow; says from, to and what is allowed."""
