"""Which status of a shared plan may follow which (http://hl7.org/fhir/R4/valueset-request-status.html).

Binds CarePlans of the category of the personalised care and support plan. To make one active is to agree it.
"""

from __future__ import annotations

from tandem.fhir.status_transitions import StatusTransitions

TRANSITIONS = StatusTransitions(
    {
        # Being made with the person.
        "draft": ("active", "on-hold", "revoked", "entered-in-error"),
        # Agreed, and worked to. It can be made afresh, as after a move, by a new draft beside it.
        "active": ("on-hold", "completed", "revoked", "entered-in-error"),
        # Not worked to for a time; taken up again it is agreed again.
        "on-hold": ("active", "completed", "revoked", "entered-in-error"),
        # What it was for is done. The next one is a new plan.
        "completed": ("entered-in-error",),
        # Ended before that.
        "revoked": ("entered-in-error",),
        # Comes with old records only, and leads wherever its author knows it to be.
        "unknown": ("draft", "active", "on-hold", "completed", "revoked", "entered-in-error"),
        # Was never a plan of this person.
        "entered-in-error": (),
    }
)
