"""What suspected cancer referrals add to the declaration of the service."""

from __future__ import annotations

from referral_service.suspected_cancer.completion import completed_with_information
from referral_service.suspected_cancer.person_listener import follow_person
from referral_service.suspected_cancer.referral_reaction import judge_referral
from referral_service.suspected_cancer.support_reaction import raise_support
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (completed_with_information,)},
    reactions={"ServiceRequest": (judge_referral, raise_support)},
    listeners=(Listener("keep-cancer-person", ("fhir.Patient.*",), follow_person),),
)
