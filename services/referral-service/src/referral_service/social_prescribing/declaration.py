"""What social prescribing, and the right to choose, add to the declaration of the service."""

from __future__ import annotations

from referral_service.social_prescribing.case_operation import social_prescribing
from referral_service.social_prescribing.referral_rules import source_and_choice_are_sound
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (source_and_choice_are_sound,)},
    operations=(
        Operation(
            "social-prescribing", social_prescribing, level="instance", type="ServiceRequest",
            documentation="One case of social prescribing: source, offer, answer, contacts, asset, outcome,"
            " activation.",
        ),
    ),
)  # fmt: skip
