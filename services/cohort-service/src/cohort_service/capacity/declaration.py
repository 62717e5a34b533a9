"""What capacity adds to the declaration of the service."""

from __future__ import annotations

from cohort_service.capacity.assumptions_operation import assumptions
from cohort_service.capacity.offer_rate_operation import AGREED, offer_rate
from cohort_service.capacity.plan_operation import plan_of_organisation
from cohort_service.capacity.round_operation import capacity_of_rounds
from tandem.service import Operation
from tandem.service_part import Part

_OPERATIONS = (
    ("capacity-assumptions", assumptions, "u",
     "What contacts take and how often they are needed; a network's own figures."),
    ("capacity-plan", plan_of_organisation, None,
     "People of cohorts against hours of staff; an order of offer by month."),
    ("offer-rate", offer_rate, "u", "The share of people who must be offered a service; a lower one on request."),
    ("round-capacity", capacity_of_rounds, None,
     "Hours of GPs that home rounds need, those paid for, and the shortfall."),
)  # fmt: skip

PART = Part(
    operations=tuple(
        Operation(
            name, handler, level="instance", type="Organization", post_letter=post_letter, documentation=documentation
        )
        for name, handler, post_letter, documentation in _OPERATIONS
    ),
    emits={AGREED: "A commissioner agreed that a network offers a service to fewer people for a time."},
)
