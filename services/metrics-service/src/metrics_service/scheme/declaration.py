"""What the scheme's terms add to the declaration of the service."""

from __future__ import annotations

from metrics_service.scheme.scheme_operation import scheme_terms
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "scheme", scheme_terms, type="Measure", post_letter="u",
            documentation="The term and terms of proactive coordinated primary care, and a commissioner's variations.",
        ),
    )
)  # fmt: skip
