"""Which status of an Appointment of the shared process may follow which.

http://hl7.org/fhir/R4/valueset-appointmentstatus.html: it is planned, it happens, or it does not. Meetings and home
rounds have tables of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mdt_service.domain.appointments.kinds import kind_of
from tandem.fhir.outcome import Issue
from tandem.fhir.status_transitions import StatusTransitions
from tandem.service import Change

ERROR: Final = "entered-in-error"
_ENDS: Final = ("cancelled", "noshow", ERROR)
LIVE: Final = frozenset({"proposed", "pending", "booked", "arrived", "checked-in"})
"""Statuses that take the time of those who take part."""

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # somebody asks for it, or waits for an answer
    "proposed": ("pending", "booked", "waitlist", "cancelled", ERROR),
    "pending": ("booked", "waitlist", "cancelled", ERROR),
    "waitlist": ("proposed", "pending", "booked", "cancelled", ERROR),
    # everybody said yes
    "booked": ("arrived", "checked-in", "fulfilled", *_ENDS),
    "arrived": ("checked-in", "fulfilled", *_ENDS),
    "checked-in": ("fulfilled", *_ENDS),
    # at an end
    "fulfilled": (ERROR,),
    "cancelled": (ERROR,),
    "noshow": (ERROR,),
    ERROR: (),
}

_STATES: Final = StatusTransitions(TRANSITIONS)


def appointment_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """Refuses a status that may not follow, and a cancellation without its reason."""
    if kind_of(change.before) is None or kind_of(change.after) is None:
        return
    yield from _STATES.moves_by_the_table(change)
    before, after = change.before or {}, change.after or {}
    if after.get("status") == "cancelled" != before.get("status") and not after.get("cancelationReason"):
        yield Issue("Say why it is cancelled", "Appointment.cancelationReason")
