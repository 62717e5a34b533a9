"""What the model of personalised care adds to the declaration of the service."""

from __future__ import annotations

from careplan_service.personalised_care_model.component_rule import components_are_known
from careplan_service.personalised_care_model.model_operation import personalised_care, personalised_care_model
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    rules={"CarePlan": (components_are_known,)},
    operations=(
        Operation(
            "personalised-care-model", personalised_care_model, type="CarePlan",
            documentation="The six components of personalised care.",
        ),
        Operation(
            "personalised-care", personalised_care, level="instance", type="CarePlan",
            documentation="What is recorded of the plan's person under each component of personalised care.",
        ),
    ),
)  # fmt: skip
