"""What shared decisions add to the declaration of the service."""

from __future__ import annotations

from careplan_service.shared_decisions.completion_reaction import COMPLETED, check_completed_decision
from careplan_service.shared_decisions.decisions_operation import shared_decisions
from careplan_service.shared_decisions.situations_operation import decision_situations
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    reactions={"QuestionnaireResponse": (check_completed_decision,)},
    operations=(
        Operation(
            "shared-decisions", shared_decisions, type="QuestionnaireResponse",
            documentation="Completed shared decisions, and which count as required, by person, practice or network.",
        ),
        Operation(
            "decision-situations", decision_situations, type="QuestionnaireResponse", post_letter="c",
            documentation="In which situations a shared decision is required from when; POST publishes another.",
        ),
    ),
    emits={COMPLETED: "A person and a professional completed a shared decision."},
)  # fmt: skip
