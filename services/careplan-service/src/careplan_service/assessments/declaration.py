"""What assessments add to the declaration of the service."""

from __future__ import annotations

from careplan_service.assessments.assessment_operation import assessment
from careplan_service.assessments.assessment_reactions import (
    closes_when_all_is_in,
    is_recorded_in_a_plan,
    part_belongs_to_its_whole,
    show_on_plans,
    show_waiting_assessments,
)
from careplan_service.assessments.assignment_handler import keep_assignment
from careplan_service.assessments.due_operation import assessments_due
from careplan_service.assessments.plan_operation import assessments_of_plan
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"QuestionnaireResponse": (is_recorded_in_a_plan,)},
    reactions={
        "QuestionnaireResponse": (part_belongs_to_its_whole, closes_when_all_is_in, show_on_plans),
        "CarePlan": (show_waiting_assessments,),
    },
    listeners=(Listener("keep-assignment", ("fhir.Task.*",), keep_assignment),),
    operations=(
        Operation(
            "assessment", assessment, level="instance", type="QuestionnaireResponse",
            documentation="The parts of an assessment by author, what is missing, and whether it is complete.",
        ),
        Operation(
            "assessments-due", assessments_due, type="QuestionnaireResponse",
            documentation="Who on a list (`cohort`) lacks which assessment, by practice, network and `as-of`.",
        ),
        Operation(
            "assessments", assessments_of_plan, level="instance", type="CarePlan",
            documentation="The assessments of a plan with their findings, and the goals the person stated in them.",
        ),
    ),
)  # fmt: skip
