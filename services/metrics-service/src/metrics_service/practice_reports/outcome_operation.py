"""`Measure/$outcome-framework`: what the scheme wants for people, and the indicators that speak for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics_service.domain.practice_reports.framework import outcomes
from metrics_service.measures.shipped import definitions
from metrics_service.practice_reports.report_parts import figures_under, outcome_head
from metrics_service.practice_reports.report_view import report_view
from metrics_service.scheme.parties import practice_seen
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, required_day, today
from tandem.fhir.parameters_answer import answer, coded, parts, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def outcome_framework(call: OperationCall) -> FhirResponse:
    """Each `outcome` with the indicators and measures under it (PCPC-008 to PCPC-013), and with `practice` and
    `period` their figures too. Raises FhirError 400, 404, 422."""
    only(call, ("practice", "period"))
    figures = {}
    if call.one("practice") is not None or call.one("period") is not None:
        now = to_micros(call.kernel.clock.now())
        async with call.kernel.database.read() as connection:
            seen = await practice_seen(call, connection)
            view = await report_view(connection, seen, required_day(call, "period"), today(call), now)
        figures = dict((view.for_commissioner() if seen.commissions else view).figures)
        await audit_reads(call.kernel.database, call.request, "$outcome-framework", "Measure", set(), now)
    return answer(
        parts("outcome", [
            *outcome_head(each), *_measures(each.all_measures), *figures_under(each.all_measures, figures),
        ])
        for each in outcomes()
    )  # fmt: skip


def _measures(measures: tuple[str, ...]) -> list[dict[str, Any]]:
    known = definitions()
    return [
        parts("definition", [coded("measure", each), text("title", known[each].title)])
        for each in measures if each in known
    ]  # fmt: skip
