"""`MeasureReport/$report-template`: what every report of a commissioner's practices has (PCPC-098)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics_service.domain.practice_reports.framework import key_indicators, outcomes
from metrics_service.domain.practice_reports.template import SHIPPED, Question, Template, template_for
from metrics_service.practice_reports.template_rows import keep_template, templates_of
from metrics_service.scheme.parties import commissioner_asked, publishing_commissioner
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, required_day, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import row_statement
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$report-template"
_MOST = 50


async def report_template(call: OperationCall) -> FhirResponse:
    """GET answers the template for the period that begins on `date`: indicators, outcomes, and questions. POST by the
    commissioner publishes the next version: `from`, and `question` rows with `name`, `text`, `required`.

    Raises FhirError 400, 403, 404, 422.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("from", "question", "commissioner"))
    first, rows, now = required_day(call, "from"), rows_asked(call, "question", least=0), call.kernel.clock.now()
    if len(rows) > _MOST:
        raise FhirError(Kind.TOO_LARGE, f"A template has at most {_MOST} questions")
    questions = _questions(rows)
    if first <= today(call):
        text_ = "A template is for periods to come: reports that are being written keep theirs"
        raise FhirError(Kind.BUSINESS_RULE, text_, expression="from")
    async with call.kernel.database.transaction() as connection:
        commissioner = await publishing_commissioner(call, connection)
        await hold(connection, [f"report-template/{commissioner}"])
        by = call.request.caller.organisation
        await keep_template(connection, commissioner, first, questions, by, to_micros(now))
        await record(connection, [audit_entry(call.request, _ACTION, to_micros(now), resource_type="MeasureReport")])
        template = template_for(await templates_of(connection, commissioner), first)
        reference = await reference_to(connection, commissioner)
    return answer(_shown(template, reference))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("date", "commissioner"))
    async with call.kernel.database.read() as connection:
        commissioner = await commissioner_asked(call, connection)
        template = template_for(await templates_of(connection, commissioner), day_or_today(call, "date"))
        reference = await reference_to(connection, commissioner) if commissioner is not None else None
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "MeasureReport", set(), now)
    return answer(_shown(template, reference))


def _questions(rows: list[Part]) -> list[Question]:
    found: dict[str, Question] = {}
    for row in rows:
        name, said, required = row.text("name"), row_statement(row, "text"), row.one("required", "", required=False)
        if required not in (None, True, False):
            row.fault("required", "required is true or false")
        if name in found:
            row.fault("name", "A question stands once in a template")
        if name is not None and said is not None:
            found[name] = Question(name, said, required is not False)
    refuse_faults(rows)
    return list(found.values())


def _shown(template: Template, commissioner: dict[str, Any] | None) -> list[dict[str, Any]]:
    shown = [number("version", template.version), text("source", SHIPPED)]
    if commissioner is not None:
        shown.append({"name": "commissioner", "valueReference": commissioner})
    if template.version:
        shown.append(on_day("from", template.first))
    shown += [
        parts("indicator", [coded("name", each.name), text("place", each.place), text("text", each.text)])
        for each in key_indicators()
    ]
    shown += [
        parts("outcome", [coded("name", each.name), text("text", each.text), text("source", each.place)])
        for each in outcomes()
    ]
    shown += [
        parts("question", [text("name", each.name), text("text", each.text), yes("required", each.required)])
        for each in template.questions
    ]
    return [*shown, *(text("column", each) for each in template.columns)]
