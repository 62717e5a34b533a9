"""What personal health budgets add to the declaration of the service."""

from __future__ import annotations

from careplan_service.personal_budgets.budgets_operation import budgets
from careplan_service.personal_budgets.legal_rights import keep_legal_right
from careplan_service.personal_budgets.offers_operation import budget_offers
from careplan_service.personal_budgets.promotions_operation import budget_promotions
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("keep-legal-right", ("fhir.Flag.*",), keep_legal_right),),
    operations=(
        Operation(
            "budgets", budgets, level="instance", type="CarePlan",
            documentation="The personal health budgets of the plan's person, and how many of each kind.",
        ),
        Operation(
            "budget-promotions", budget_promotions, type="QuestionnaireResponse",
            documentation="With whom a personal health budget is to be talked about, and why, by `as-of`.",
        ),
        Operation(
            "budget-offers", budget_offers, type="QuestionnaireResponse", post_letter="c",
            documentation="What commissioners offer by year, and to which cohorts; POST activates a year.",
        ),
    ),
)  # fmt: skip
