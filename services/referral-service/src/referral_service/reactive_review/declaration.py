"""What reactive referral for medication reviews adds to the declaration of the service; stands behind the loop."""

from __future__ import annotations

from referral_service.reactive_review.citing_reaction import cite_guidance
from referral_service.reactive_review.referral_rule import reactive_referral_is_complete
from referral_service.reactive_review.review_listener import REVIEWED, end_answered_referrals
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (reactive_referral_is_complete,)},
    reactions={"ServiceRequest": (cite_guidance,)},
    listeners=(Listener("end-answered-referrals", (REVIEWED,), end_answered_referrals),),
)
