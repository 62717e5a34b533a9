"""What the services of access add to the declaration of the service."""

from __future__ import annotations

from metrics_service.access_services.responsibility_operation import access_responsibility
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "access-responsibility", access_responsibility, type="Measure",
            documentation="Who is responsible for extended hours and other access services of a network, from when.",
        ),
    )
)  # fmt: skip
