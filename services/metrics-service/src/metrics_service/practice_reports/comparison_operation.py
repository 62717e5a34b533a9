"""`MeasureReport/$compare-practice-reports`: the reports of a commissioner's practices side by side (PCPC-098)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics_service.domain.practice_reports.document import figure_text
from metrics_service.domain.practice_reports.framework import key_indicators
from metrics_service.domain.practice_reports.template import Template, template_for
from metrics_service.practice_reports.report_parts import figures_under
from metrics_service.practice_reports.report_view import ReportView, asked_period, report_view
from metrics_service.practice_reports.template_rows import templates_of
from metrics_service.scheme.parties import NOTHING, Seen, commissioner_asked
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, required_day, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, coded, number, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.memberships import practices_commissioned
from tandem.identity.organisation_reference import reference_to

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$compare-practice-reports"


async def compare_practice_reports(call: OperationCall) -> FhirResponse:
    """The `column`s of the template, and a `practice` for each practice of the commissioner with a `cell` for each
    column, in the same order. What a practice is still writing is shown as not submitted and without its words.

    Raises FhirError 400, 404 for everybody but a commissioner and an operator, 422 for a day on which no period ends.
    """
    only(call, ("period", "commissioner"))
    last, now, caller = required_day(call, "period"), to_micros(call.kernel.clock.now()), call.request.caller
    async with call.kernel.database.read() as connection:
        commissioner = await commissioner_asked(call, connection)
        if commissioner is None or (commissioner != caller.organisation and not caller.sees_all):
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        _, period = await asked_period(connection, commissioner, last)
        template = template_for(await templates_of(connection, commissioner), period.first)
        rows = []
        for practice in await practices_commissioned(connection, commissioner, now):
            seen = Seen(practice, commissioner, False, True)
            view = await report_view(connection, seen, last, today(call), now)
            rows.append(_row(await reference_to(connection, practice), view.for_commissioner(), template))
    await audit_reads(call.kernel.database, call.request, _ACTION, "MeasureReport", set(), now)
    columns = [text("column", each) for each in template.columns]
    return answer([number("templateVersion", template.version), *columns, *rows])


def _row(practice: dict[str, Any], view: ReportView, template: Template) -> dict[str, Any]:
    cells = [parts("cell", [text("column", each), *_cell(each, view)]) for each in template.columns]
    return parts("practice", [{"name": "practice", "valueReference": practice}, coded("state", view.state), *cells])


def _cell(column: str, view: ReportView) -> list[dict[str, Any]]:
    kind, _, name = column.partition(":")
    content, submitted = view.report.content, view.report.submitted is not None
    if kind == "indicator":
        [indicator] = [each for each in key_indicators() if each.name == name]
        shown = [text("text", figure_text(indicator.measures, view.figures))]
        return [*shown, *figures_under(indicator.measures, view.figures)]
    if not submitted:
        return [text("text", "not submitted")]
    if kind == "interventions":
        return [text("text", "; ".join(content.interventions)), number("count", len(content.interventions))]
    if kind == "outcome":
        return [text("text", content.benefits[name].benefit or "")] if name in content.benefits else []
    return [text("text", content.answers[name])] if name in content.answers else []
