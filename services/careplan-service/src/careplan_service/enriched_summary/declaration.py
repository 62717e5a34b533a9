"""What the enriched summary adds to the declaration of the service."""

from __future__ import annotations

from careplan_service.enriched_summary.enriched_summary_operation import enriched_summary
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "enriched-summary", enriched_summary, type="Composition",
            documentation="The enriched summary record of a person who consented to it, for whoever treats them.",
        ),
    ),
)  # fmt: skip
