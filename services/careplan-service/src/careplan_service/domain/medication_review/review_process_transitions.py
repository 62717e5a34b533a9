"""Which status of the process of medication review may follow which (SMR-026).

The process is a CarePlan of category 1239511000000100. It stays open from the first appointment over all follow-ups; a
person has one open process at a time (http://hl7.org/fhir/R4/valueset-request-status.html).
"""

from __future__ import annotations

from typing import Final

from tandem.fhir.status_transitions import StatusTransitions

OPEN: Final = ("draft", "active", "on-hold", "unknown")
"""Statuses in which episodes attach to it."""

TRANSITIONS = StatusTransitions(
    {
        # Planned: invited, no appointment yet.
        "draft": ("active", "on-hold", "revoked", "entered-in-error"),
        # Appointments and follow-ups are under way.
        "active": ("on-hold", "completed", "revoked", "entered-in-error"),
        # Waits, for example during a stay in hospital.
        "on-hold": ("active", "completed", "revoked", "entered-in-error"),
        # Loaded without a known state.
        "unknown": ("draft", "active", "on-hold", "completed", "revoked", "entered-in-error"),
        # The last episode said why no follow-up is needed. A later need begins another process.
        "completed": ("entered-in-error",),
        # Given up: declined, died, moved away.
        "revoked": ("entered-in-error",),
        "entered-in-error": (),
    }
)
