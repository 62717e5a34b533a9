"""What the shared plan adds to the declaration of the service."""

from __future__ import annotations

from careplan_service.plans.activity_handlers import show_on_plan
from careplan_service.plans.agreement_operation import agreement
from careplan_service.plans.goals_operation import goals
from careplan_service.plans.life_rows import keep_life
from careplan_service.plans.opened_drafts import begin_draft
from careplan_service.plans.plan_reactions import AGREED_PLAN, keep_goal, keep_plan, show_activities
from careplan_service.plans.plan_rules import agreed_plan_stays_shared, plan_moves_by_the_table
from careplan_service.plans.quality_operation import quality, quality_of_plans
from careplan_service.plans.review_operation import REVIEWED, review
from careplan_service.plans.support_operation import support
from careplan_service.plans.without_plan_operation import without_plan
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"CarePlan": (plan_moves_by_the_table, agreed_plan_stays_shared)},
    reactions={
        "CarePlan": (keep_plan, show_activities, begin_draft),
        "Goal": (keep_goal,),
    },
    listeners=(
        Listener("show-on-plan", ("fhir.Task.*", "fhir.ServiceRequest.*"), show_on_plan),
        Listener("keep-life", ("fhir.Patient.*",), keep_life),
    ),
    operations=(
        Operation(
            "agreement", agreement, level="instance", type="CarePlan", for_people=True,
            documentation="What a plan's agreement rests on: goals, voice, forum, assessments; and what is missing.",
        ),
        Operation(
            "quality", quality, level="instance", type="CarePlan",
            documentation="A plan against the checklist: a score from 0 to 100, what is there and what is missing.",
        ),
        Operation(
            "quality", quality_of_plans, type="CarePlan",
            documentation="The score and what is missing of every plan of a list, practice or network.",
        ),
        Operation(
            "goals", goals, level="instance", type="CarePlan", for_people=True,
            documentation="The goals of a plan with what is done towards each, by whom, and goals without activity.",
        ),
        Operation(
            "support", support, level="instance", type="CarePlan",
            documentation="What is done for the plan's person, traced to its activities; what is not is a gap.",
        ),
        Operation(
            "without-plan", without_plan, type="CarePlan",
            documentation="Who on a list has no active plan; the case register unless another list is named.",
        ),
        Operation(
            "review", review, level="instance", type="CarePlan", letter="u", writes=True,
            documentation="Records a review of a plan with its reason and the progress of goals, and sets the next.",
        ),
    ),
    emits={
        AGREED_PLAN: "A shared plan was made active; with its score against the checklist.",
        REVIEWED: "A shared plan was reviewed, and the next review set.",
    },
)  # fmt: skip
