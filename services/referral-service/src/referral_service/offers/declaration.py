"""What offers add to the declaration of the service; stands behind the memberships of lists."""

from __future__ import annotations

from referral_service.offers.answer_operation import answer_offer
from referral_service.offers.carer_listener import offer_signposting, withdraw_signposting
from referral_service.offers.offer_rules import offer_is_answered_by_the_person
from tandem.cohort_membership.handlers import ENTERED, LEFT
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (offer_is_answered_by_the_person,)},
    listeners=(
        Listener("offer-signposting", (ENTERED,), offer_signposting),
        Listener("withdraw-signposting", (LEFT,), withdraw_signposting),
    ),
    operations=(
        Operation(
            "answer-offer", answer_offer, level="instance", type="ServiceRequest", letter="u", writes=True,
            documentation="The person accepts what was offered, and it becomes a referral, or declines it.",
        ),
    ),
)  # fmt: skip
