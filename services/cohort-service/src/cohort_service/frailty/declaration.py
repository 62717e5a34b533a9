"""What frailty adds to the declaration of the service."""

from __future__ import annotations

from cohort_service.frailty.frailty_operation import everybodys_frailty, frailty
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "frailty", frailty, level="instance", type="Patient",
            documentation="The electronic frailty index of a person with its deficits, and what clinicians say of it.",
        ),
        Operation(
            "frailty", everybodys_frailty, type="Patient",
            documentation="The same for everybody of the caller's who has a band of the index.",
        ),
    ),
)  # fmt: skip
