"""What consents add to the declaration of the service."""

from __future__ import annotations

from careplan_service.consents.carer_consent import carer_views_have_consent
from careplan_service.consents.plan_answer import store_answer
from careplan_service.consents.summary_consents import keep_summary_consent
from careplan_service.domain.consents.consent_transitions import consent_moves_by_the_table
from careplan_service.domain.consents.summary_consent import consent_is_whole
from tandem.service_part import Part

PART = Part(
    rules={"Consent": (consent_moves_by_the_table, consent_is_whole)},
    reactions={
        "Consent": (keep_summary_consent,),
        "QuestionnaireResponse": (carer_views_have_consent, store_answer),
    },
)  # fmt: skip
"""Stands before `plans`: the answer that a plan is agreed with is kept first."""
