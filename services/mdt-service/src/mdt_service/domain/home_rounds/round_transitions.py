"""Which status of a home round may follow which: http://hl7.org/fhir/R4/valueset-appointmentstatus.html.

A round is planned (`booked`), under way (`arrived`) and held (`fulfilled`). One that nobody held is a `noshow`. A round
that was held elsewhere may be recorded as such at once, because records of others come with a past.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mdt_service.domain.home_rounds.round_resource import is_of_rounds, series_named
from tandem.fhir.outcome import Issue
from tandem.fhir.status_transitions import StatusTransitions
from tandem.service import Change

ERROR: Final = "entered-in-error"
PLANNED: Final = ("proposed", "pending", "booked")
UNDER_WAY: Final = "arrived"
HELD: Final = "fulfilled"
TAKES_TIME: Final = (*PLANNED, UNDER_WAY, HELD)
"""Rounds in these states take up the time of their home and of whoever leads them."""

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # planned
    "proposed": ("pending", "booked", "cancelled", ERROR),
    "pending": ("booked", "cancelled", ERROR),
    "booked": ("arrived", "fulfilled", "noshow", "cancelled", ERROR),
    # under way; it may still be broken off
    "arrived": ("fulfilled", "cancelled", ERROR),
    # at an end
    "fulfilled": (ERROR,),
    "noshow": (ERROR,),
    "cancelled": (ERROR,),
    ERROR: (),
}

_STATES: Final = StatusTransitions(TRANSITIONS)
may_follow = _STATES.may_follow
"""Whether a round in one status may be given another."""


def round_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses an update of a home round of a series to a status that may not follow."""
    if is_of_rounds(change.before) and series_named(change.before or {}) is not None:
        yield from _STATES.moves_by_the_table(change)
