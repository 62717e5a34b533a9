"""Needs assessments and coordination reviews are recorded in a plan (AC-044, 000 §4.12 requirement 5)."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.assessments.kinds import ANTICIPATORY_CARE
from careplan_service.domain.questionnaires.assessment_part import whole_of_part
from careplan_service.domain.questionnaires.response_faults import FINISHED
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.outcome import Issue

NO_PLAN = Issue(
    "A needs assessment or coordination review is completed in the person's care and support plan: name the CarePlan in"
    " basedOn (000 §4.12 requirement 5, AC-044)",
    "QuestionnaireResponse.basedOn", code="required",
)  # fmt: skip


def plan_link_faults(questionnaire: str, response: Resource) -> Iterator[Issue]:
    """Refuses one that is completed without a plan. A part is in the plan of its whole."""
    if questionnaire not in ANTICIPATORY_CARE or response.get("status") not in FINISHED:
        return
    if whole_of_part(response) is None and not target_ids(response.get("basedOn"), "CarePlan"):
        yield NO_PLAN
