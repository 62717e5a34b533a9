"""What the requirement catalogue adds to the service."""

from __future__ import annotations

from cohort_service.requirements_catalogue.counts_operation import counts
from cohort_service.requirements_catalogue.introduction_operation import introduction_of
from cohort_service.requirements_catalogue.plans import seed_plans
from cohort_service.requirements_catalogue.publish_operation import add_local, publish
from cohort_service.requirements_catalogue.requirement_operation import catalogue, requirement
from cohort_service.requirements_catalogue.services_operation import services
from cohort_service.requirements_catalogue.switch_operation import switch
from cohort_service.requirements_catalogue.training_operation import training_due
from tandem.service import Operation
from tandem.service_part import Part

_TYPE = "PlanDefinition"

PART = Part(
    operations=(
        Operation(
            "requirement", requirement, type=_TYPE,
            documentation="The versions of a requirement, or one of them, with their evidence.",
        ),
        Operation(
            "catalogue", catalogue, type=_TYPE,
            documentation="The requirements in force for a network on a day, its commissioner's own among them.",
        ),
        Operation(
            "introduction", introduction_of, type=_TYPE,
            documentation="All requirements as they stand with a network: in force, upcoming with their day, or ended.",
        ),
        Operation(
            "services", services, type=_TYPE,
            documentation="The service specifications that networks deliver on a day.",
        ),
        Operation(
            "publish", publish, type=_TYPE, letter="u", writes=True,
            documentation="Publishes the next version of a requirement.",
        ),
        Operation(
            "add-local", add_local, type=_TYPE, letter="c", writes=True,
            documentation="A commissioner adds a requirement for its area, with the benefit that it has had.",
        ),
        Operation(
            "switch", switch, type=_TYPE, letter="u", writes=True,
            documentation="Switches a requirement on or off for a network from a day on.",
        ),
        Operation(
            "counts", counts, type=_TYPE,
            documentation="Whether a contact counts towards a requirement, by video or in person.",
        ),
        Operation(
            "training-due", training_due, type=_TYPE,
            documentation="The staff of a network whose training is still to be recorded.",
        ),
    ),
    seeds=(seed_plans,),
)  # fmt: skip
