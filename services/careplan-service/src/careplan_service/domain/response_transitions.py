"""Which status of a QuestionnaireResponse may follow which (http://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html).

Binds responses to shipped Questionnaires. What was completed stays so: it is amended, or withdrawn.
"""

from __future__ import annotations

from tandem.fhir.status_transitions import StatusTransitions

TRANSITIONS = StatusTransitions(
    {
        # Being answered, by one person or by several in parts.
        "in-progress": ("completed", "stopped", "entered-in-error"),
        # Everything required is answered.
        "completed": ("amended", "entered-in-error"),
        # Corrected after it was completed; held to the same requirements.
        "amended": ("entered-in-error",),
        # Broken off. It may be taken up again.
        "stopped": ("in-progress", "entered-in-error"),
        # Withdrawn; its answers count for nothing.
        "entered-in-error": (),
    }
)
