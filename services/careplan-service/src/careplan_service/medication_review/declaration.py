"""What medication review adds to the declaration of the service."""

from __future__ import annotations

from careplan_service.medication_review.complete_operation import complete_review
from careplan_service.medication_review.completion_effects import COMPLETED, PROCEDURE, WITHDRAWN
from careplan_service.medication_review.decide_operation import decide
from careplan_service.medication_review.policy_operation import medication_review_policy
from careplan_service.medication_review.process_reactions import (
    keep_process,
    process_moves_by_the_table,
    show_review_on_new_plan,
)
from careplan_service.medication_review.request_handler import keep_request
from careplan_service.medication_review.review_operation import medication_review
from careplan_service.medication_review.review_reactions import (
    keep_review,
    review_has_a_coded_reason,
    review_moves_by_the_table,
)
from careplan_service.medication_review.start_operation import start_medication_review
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={
        "CarePlan": (process_moves_by_the_table,),
        "Composition": (review_has_a_coded_reason, review_moves_by_the_table),
    },
    reactions={"CarePlan": (keep_process, show_review_on_new_plan), "Composition": (keep_review,)},
    listeners=(Listener("keep-review-request", ("fhir.Task.*", "fhir.ServiceRequest.*"), keep_request),),
    operations=(
        Operation(
            "start-medication-review",
            start_medication_review,
            type="CarePlan",
            letter="c",
            writes=True,
            documentation="Begin or go on with a structured medication review of a person, every medicine listed.",
        ),
        Operation(
            "decide",
            decide,
            level="instance",
            type="Composition",
            letter="u",
            writes=True,
            documentation="Decisions about medicines of a medication review, and steps that were done.",
        ),
        Operation(
            "complete",
            complete_review,
            level="instance",
            type="Composition",
            letter="u",
            writes=True,
            documentation="Complete an appointment of a medication review: everything decided, the follow-up set.",
        ),
        Operation(
            "medication-review",
            medication_review,
            level="instance",
            type="Composition",
            documentation="A medication review as it stands: medicines, differences, decisions, what is missing.",
        ),
        Operation(
            "medication-review-policy",
            medication_review_policy,
            type="CarePlan",
            post_letter="u",
            documentation="Versions of who may review, the steps, inhalers and formularies; a POST publishes one.",
        ),
    ),
    emits={
        COMPLETED: "An appointment of a structured medication review was completed; with its codes, to be filed.",
        WITHDRAWN: "A completed medication review was withdrawn.",
        PROCEDURE: "A Procedure is asked for in the patient's record.",
    },
)
