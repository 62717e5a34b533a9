"""careplan-service: what did we agree with the person?

It owns the plan, its goals, the team, consents and what a person takes. Each area of that is a part with a declaration
of its own; here they are put together.
"""

from __future__ import annotations

from careplan_service.activation import declaration as activation
from careplan_service.assessments import declaration as assessments
from careplan_service.care_teams import declaration as care_teams
from careplan_service.clocks import declaration as clocks
from careplan_service.consents import declaration as consents
from careplan_service.contributions import declaration as contributions
from careplan_service.enriched_summary import declaration as enriched_summary
from careplan_service.erased_rows import ERASED
from careplan_service.medication_review import declaration as medication_review
from careplan_service.medicines import declaration as medicines
from careplan_service.multidisciplinary_teams import declaration as multidisciplinary_teams
from careplan_service.personal_budgets import declaration as personal_budgets
from careplan_service.personalised_care_model import declaration as personalised_care_model
from careplan_service.plan_document import declaration as plan_document
from careplan_service.plans import declaration as plans
from careplan_service.questionnaires import declaration as questionnaires
from careplan_service.shared_decisions import declaration as shared_decisions
from careplan_service.tables import metadata
from tandem.cohort_membership.part import COHORT_MEMBERSHIP
from tandem.directory.part import DIRECTORY
from tandem.fhir.ownership import OWNED_TYPES
from tandem.local_agreements.part import LOCAL_AGREEMENTS
from tandem.service_part import Part, service_of_parts

PARTS: tuple[Part, ...] = (
    DIRECTORY,
    COHORT_MEMBERSHIP,
    LOCAL_AGREEMENTS,
    questionnaires.PART,
    consents.PART,
    contributions.PART,
    care_teams.PART,
    assessments.PART,
    activation.PART,
    shared_decisions.PART,
    personalised_care_model.PART,
    personal_budgets.PART,
    plans.PART,
    enriched_summary.PART,
    plan_document.PART,
    clocks.PART,
    medicines.PART,
    medication_review.PART,
    multidisciplinary_teams.PART,
)

_VERSIONED = frozenset({"CarePlan", "Goal", "CareTeam"})
"""Shared by several organisations at once: nobody overwrites what they have not read."""

service = service_of_parts(
    "careplan-service",
    OWNED_TYPES["careplan-service"],
    metadata,
    "careplan_service:migrations",
    PARTS,
    _VERSIONED,
    erases=ERASED,
)
