"""What quarterly reports add to the declaration of the service."""

from __future__ import annotations

from metrics_service.practice_reports.calendar_operation import reporting_calendar
from metrics_service.practice_reports.comparison_operation import compare_practice_reports
from metrics_service.practice_reports.outcome_operation import outcome_framework
from metrics_service.practice_reports.report_operation import practice_report
from metrics_service.practice_reports.template_operation import report_template
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            "practice-report", practice_report, type="MeasureReport", post_letter="u", documents=True,
            documentation="A practice's quarterly report, prefilled with the key reporting indicators of its period.",
        ),
        Operation(
            "reporting-calendar", reporting_calendar, type="MeasureReport",
            documentation="When a practice's quarterly reports fall due, and how each stands.",
        ),
        Operation(
            "report-template", report_template, type="MeasureReport", post_letter="u",
            documentation="The commissioner's template of the quarterly report.",
        ),
        Operation(
            "compare-practice-reports", compare_practice_reports, type="MeasureReport",
            documentation="The reports of a commissioner's practices on one period, with the same columns.",
        ),
        Operation(
            "outcome-framework", outcome_framework, type="Measure",
            documentation="The outcomes of proactive coordinated primary care with their indicators and figures.",
        ),
    )
)  # fmt: skip
