"""What the directory of support offers adds to the declaration of cohort-service."""

from __future__ import annotations

from cohort_service.support_offers.referral_routes_operation import referral_routes
from cohort_service.support_offers.service_reaction import keep_support_service, support_service_is_well_formed
from cohort_service.support_offers.support_catalogue_operation import support_catalogue_answer
from cohort_service.support_offers.support_gaps_operation import support_gaps
from cohort_service.support_offers.support_offers_operation import support_offers
from tandem.service import Operation
from tandem.service_part import Part

_TYPE = "HealthcareService"

PART = Part(
    rules={_TYPE: (support_service_is_well_formed,)},
    reactions={_TYPE: (keep_support_service,)},
    operations=(
        Operation(
            "support-offers", support_offers, type=_TYPE, for_people=True,
            documentation="Who offers what a person needs, to a network and at a moment; statutory and voluntary.",
        ),
        Operation(
            "support-gaps", support_gaps, type=_TYPE,
            documentation="What support a network must have on a day, and nobody offers.",
        ),
        Operation(
            "referral-routes", referral_routes, type=_TYPE,
            documentation="How a care home refers: provider, contact and hours of each route, and what is missing.",
        ),
        Operation(
            "support-catalogue", support_catalogue_answer, type=_TYPE,
            documentation="The catalogue of support offers, by clinical element and service.",
        ),
    ),
)  # fmt: skip
