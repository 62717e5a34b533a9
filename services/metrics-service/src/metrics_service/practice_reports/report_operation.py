"""`MeasureReport/$practice-report`: a practice's quarterly report, prefilled with the figures of its period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics_service.domain.practice_reports.document import Printed, report_blocks
from metrics_service.practice_reports.report_given import ROWS, content_given
from metrics_service.practice_reports.report_parts import report_parts
from metrics_service.practice_reports.report_rows import keep_content, keep_submission
from metrics_service.practice_reports.report_view import ReportView, report_view
from metrics_service.printed import FORMS, printed
from metrics_service.scheme.parties import Seen, must_be_practice, practice_seen
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.media_types import chosen_media_type
from tandem.fhir.operation_parameters import flag, only, required_day, today
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$practice-report"


async def practice_report(call: OperationCall) -> FhirResponse:
    """GET answers the report of the period that ends on `period`, as Parameters, HTML or PDF. POST by the practice
    writes rows of it (`intervention`, `feedback`, `outcome`, `indicator`, `answer`), and with `submit` submits it.

    A submitted report keeps its figures and is not changed. A commissioner sees no small numbers. Raises FhirError
    400, 403, 404, 406, 409 for a report that was submitted, 422 for faulty rows, and for a report with gaps: each is
    named, and nothing of the post is kept.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("practice", "period", "submit", *ROWS))
    last, submit, day = required_day(call, "period"), flag(call, "submit"), today(call)
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await practice_seen(call, connection)
        must_be_practice(call, seen)
        await hold(connection, [f"practice-report/{seen.practice}"])
        view = await report_view(connection, seen, last, day, now)
        if view.report.submitted is not None:
            raise FhirError(Kind.CONFLICT, "This report was submitted and is kept as it was")
        content = content_given(call, view.template, view.report.content)
        await keep_content(connection, seen.practice, last, content, now)
        view = await report_view(connection, seen, last, day, now)
        if submit:
            view = await _submit(call, connection, seen, view)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="MeasureReport")])
    return answer([text("practice", seen.practice), *report_parts(view)])


async def _submit(call: OperationCall, connection: Connection, seen: Seen, view: ReportView) -> ReportView:
    day, now = today(call), to_micros(call.kernel.clock.now())
    if day < view.period.last:
        text_ = f"The period goes on until {view.period.last}: its figures are not there before"
        raise FhirError(Kind.BUSINESS_RULE, text_, expression="period")
    if view.gaps:
        raise FhirError(
            Kind.BUSINESS_RULE, issues=[Issue(f"{each.text} ({each.source})", each.what) for each in view.gaps[:100]]
        )
    by = call.request.caller.organisation
    await keep_submission(connection, view.report, view.figures, view.template, day, by)
    return await report_view(connection, seen, view.period.last, day, now)


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("practice", "period"))
    chosen_media_type(call.request, FORMS)
    last, now = required_day(call, "period"), to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        seen = await practice_seen(call, connection)
        view = await report_view(connection, seen, last, today(call), now)
    if seen.commissions:
        view = view.for_commissioner()
    await audit_reads(call.kernel.database, call.request, _ACTION, "MeasureReport", set(), now)
    shown = Printed(
        seen.practice, view.period.first, view.period.last, view.period.due, view.state, view.report.content,
        view.template, view.figures, view.gaps,
    )  # fmt: skip
    title = f"Quarterly report of {seen.practice} to {view.period.last}"
    parameters = [text("practice", seen.practice), *report_parts(view)]
    return await printed(call, title, lambda: report_blocks(shown), parameters)
