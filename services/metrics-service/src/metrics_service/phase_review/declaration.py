"""What the phase review adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.phase_review.review_operation import phase_review
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "phase-review", phase_review, type="Measure",
            documentation="The targets of each year, what was achieved, the hours they take and the staff there are.",
        ),
    )
)  # fmt: skip
