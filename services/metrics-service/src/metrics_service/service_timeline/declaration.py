"""What the timeline of services adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.service_timeline.timeline_operation import service_timeline
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "service-timeline", service_timeline, type="Measure",
            documentation="A network's five services: requirements in force and upcoming, and the workload by year.",
        ),
    )
)  # fmt: skip
