"""referral-service: was the loop closed?

It owns requests for other services and their reports. Each area of that is a part with a declaration of its own; here
they are put together.
"""

from __future__ import annotations

from referral_service.booking_and_referral import declaration as booking_and_referral
from referral_service.clocks import declaration as clocks
from referral_service.erased_rows import ERASED
from referral_service.loops import declaration as loops
from referral_service.offers import declaration as offers
from referral_service.reactive_review import declaration as reactive_review
from referral_service.safety_nets import declaration as safety_nets
from referral_service.social_prescribing import declaration as social_prescribing
from referral_service.support import declaration as support
from referral_service.suspected_cancer import declaration as suspected_cancer
from referral_service.tables import metadata
from referral_service.urgent_response import declaration as urgent_response
from tandem.cohort_membership.part import COHORT_MEMBERSHIP
from tandem.directory.part import DIRECTORY
from tandem.fhir.ownership import OWNED_TYPES
from tandem.local_agreements.part import LOCAL_AGREEMENTS
from tandem.service_part import Part, service_of_parts

PARTS: tuple[Part, ...] = (
    DIRECTORY,
    COHORT_MEMBERSHIP,
    LOCAL_AGREEMENTS,
    # Before the loop: what a Task says of a response is heard before its end completes the request.
    urgent_response.PART,
    loops.PART,
    offers.PART,
    social_prescribing.PART,
    booking_and_referral.PART,
    suspected_cancer.PART,
    clocks.PART,
    safety_nets.PART,
    support.PART,
    reactive_review.PART,
)

service = service_of_parts(
    "referral-service", OWNED_TYPES["referral-service"], metadata, "referral_service:migrations", PARTS,
    answered_once=frozenset({"ServiceRequest"}),
    erases=ERASED,
)  # fmt: skip
