"""What the service report adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.service_report.report_operation import service_report
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "service-report", service_report, type="Measure", documents=True, asynchronous=True,
            documentation="All measures of a practice, network or commissioner's area over a period: a Bundle of"
            " MeasureReports, a page or a PDF.",
        ),
    )
)  # fmt: skip
