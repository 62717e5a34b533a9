"""Which status of an episode of medication review may follow which (SMR-026, SMR-036).

An episode is a Composition of type 1239511000000100. It is `preliminary` from its appointment until every step is done.
What was completed is corrected as `amended`, or withdrawn; it never goes back
(http://hl7.org/fhir/R4/valueset-composition-status.html).
"""

from __future__ import annotations

from tandem.fhir.status_transitions import StatusTransitions

TRANSITIONS = StatusTransitions(
    {
        # The appointment goes on, or its record is being written.
        "preliminary": ("final", "entered-in-error"),
        # Every medicine decided, every mandatory step done, the follow-up set.
        "final": ("amended", "entered-in-error"),
        # Corrected after completion; its decisions are held to the same rules.
        "amended": ("entered-in-error",),
        # Withdrawn: it counts for nothing.
        "entered-in-error": (),
    }
)
