"""What contributions add to the declaration of the service."""

from __future__ import annotations

from careplan_service.contributions.contribute_operation import contribute
from careplan_service.contributions.contributions_operation import contributions
from careplan_service.contributions.plan_reaction import take_plan
from careplan_service.contributions.protection_reactions import protect_goal, protect_response
from careplan_service.contributions.provenance_reactions import tell_who_wrote_record, tell_who_wrote_response
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    reactions={
        "CarePlan": (take_plan,),
        "Goal": (protect_goal, tell_who_wrote_record),
        "CareTeam": (tell_who_wrote_record,),
        "QuestionnaireResponse": (protect_response, tell_who_wrote_response),
    },
    operations=(
        Operation(
            "contribute", contribute, level="instance", type="CarePlan", letter="u", writes=True, for_people=True,
            documentation="Adds goals, activities, notes and responses of one organisation to a plan of several.",
        ),
        Operation(
            "contributions", contributions, level="instance", type="CarePlan", for_people=True,
            documentation="Who contributed what to a plan, and when.",
        ),
    ),
)  # fmt: skip
"""Stands after `questionnaires` and before the others: what is refused is refused before anything follows from it."""
