"""What reviews that were asked for add to the declaration of the service."""

from __future__ import annotations

from cohort_service.asked_reviews.referral_listener import ENDS, TAKEN_ON, begin_asked_review, end_asked_review
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    listeners=(
        Listener("begin-asked-review", (TAKEN_ON,), begin_asked_review),
        Listener("end-asked-review", ENDS, end_asked_review),
    )
)
