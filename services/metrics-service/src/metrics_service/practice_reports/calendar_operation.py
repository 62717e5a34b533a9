"""`MeasureReport/$reporting-calendar`: when a practice's reports fall due, and which are overdue (PCPC-093)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from metrics_service.domain.scheme.calendar import ReportPeriod, report_periods
from metrics_service.practice_reports.report_rows import submitted_days
from metrics_service.scheme.parties import practice_seen
from metrics_service.scheme.variation_rows import scheme_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, today
from tandem.fhir.parameters_answer import answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def reporting_calendar(call: OperationCall) -> FhirResponse:
    """A `report` for each period of the scheme: `from`, `until`, `due`, `state` (upcoming, due, overdue, submitted)
    and, where it was, `submitted` with `late`. Raises FhirError 400, 404, 422."""
    only(call, ("practice",))
    async with call.kernel.database.read() as connection:
        seen = await practice_seen(call, connection)
        scheme = await scheme_of(connection, seen.commissioner)
        submitted = await submitted_days(connection, seen.practice)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$reporting-calendar", "MeasureReport", set(), now)
    rows = [_row(each, submitted.get(each.last), today(call)) for each in report_periods(scheme)]
    return answer([text("practice", seen.practice), text("source", scheme.sources["reports"]), *rows])


def _row(period: ReportPeriod, submitted: date | None, day: date) -> dict[str, Any]:
    shown = [
        on_day("from", period.first), on_day("until", period.last), on_day("due", period.due),
        coded("state", period.state(submitted, day)),
    ]  # fmt: skip
    if submitted is not None:
        shown += [on_day("submitted", submitted), yes("late", submitted > period.due)]
    return parts("report", shown)
