"""What suspected cancer referrals add to the declaration of the service."""

from __future__ import annotations

from referral_service.suspected_cancer.completion import completed_with_information
from tandem.service_part import Part

PART = Part(rules={"ServiceRequest": (completed_with_information,)})
