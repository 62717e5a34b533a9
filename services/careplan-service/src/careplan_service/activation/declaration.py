"""What activation adds to the declaration of the service."""

from __future__ import annotations

from careplan_service.activation.activation_operation import activation
from careplan_service.activation.cohorts_operation import pam_cohorts
from careplan_service.activation.due_operation import pam_due
from careplan_service.activation.observation_reaction import REQUESTED, ask_for_observation
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    reactions={"QuestionnaireResponse": (ask_for_observation,)},
    operations=(
        Operation(
            "activation", activation, level="instance", type="CarePlan",
            documentation="Activation and confidence of the plan's person with trends, and self-management tools.",
        ),
        Operation(
            "pam-due", pam_due, type="QuestionnaireResponse",
            documentation="For whom the Patient Activation Measure is due, by practice, network and `as-of`.",
        ),
        Operation(
            "pam-cohorts", pam_cohorts, type="QuestionnaireResponse", post_letter="c",
            documentation="For which cohorts the measure is used and from when; POST publishes another.",
        ),
    ),
    emits={REQUESTED: "An Observation is to be put into a patient's record, or to be withdrawn."},
)  # fmt: skip
