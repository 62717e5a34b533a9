"""`Measure/$scheme`: the term of the scheme, what is paid when, and a commissioner's yearly variations (PCPC-121)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from metrics_service.domain.scheme.calendar import ReportPeriod, report_periods
from metrics_service.domain.scheme.terms import Terms, faults_of_variation
from metrics_service.scheme.money_parameters import amount_given, money
from metrics_service.scheme.parties import commissioner_asked, publishing_commissioner
from metrics_service.scheme.variation_rows import keep_variation, scheme_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, optional_day, required_day, required_short_text, today, whole_number
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, number, on_day, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_GIVEN = (
    "from", "until", "upfrontPerPatient", "finalPerPatient", "finalDue", "reportDueDays", "reason", "commissioner",
)  # fmt: skip
_ACTION = "$scheme"


async def scheme_terms(call: OperationCall) -> FhirResponse:
    """GET answers the scheme with `terms` in order, each with its source. POST by the commissioner publishes a
    variation: `from` (a 1 April to come), `until`, `upfrontPerPatient`, `finalPerPatient`, `reason`, and, where they
    are said, `finalDue` and `reportDueDays`. An operator names the `commissioner`.

    Raises FhirError 400, 403, 404, 422 with every rule that a variation breaks.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, _GIVEN)
    asked, now = _asked(call), to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        commissioner = await publishing_commissioner(call, connection)
        await hold(connection, [f"scheme/{commissioner}"])
        faults = list(faults_of_variation(asked, await scheme_of(connection, commissioner), today(call)))
        if faults:
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(said, name) for name, said in faults])
        await keep_variation(connection, commissioner, asked, call.request.caller.organisation, now)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="Measure")])
        return answer(await _shown(connection, commissioner))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("commissioner",))
    async with call.kernel.database.read() as connection:
        commissioner = await commissioner_asked(call, connection)
        shown = await _shown(connection, commissioner)
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), to_micros(call.kernel.clock.now()))
    return answer(shown)


def _asked(call: OperationCall) -> Terms:
    return Terms(
        required_day(call, "from"), required_day(call, "until"), amount_given(call, "upfrontPerPatient"),
        amount_given(call, "finalPerPatient"), optional_day(call, "finalDue"),
        min(whole_number(call, "reportDueDays", 0), 90), required_short_text(call, "reason"),
    )  # fmt: skip


async def _shown(connection: Connection, commissioner: str | None) -> list[dict[str, Any]]:
    scheme = await scheme_of(connection, commissioner)
    shown = [
        text("name", scheme.name), on_day("from", scheme.first), on_day("until", scheme.last),
        text("source", scheme.sources["scheme"]), on_day("termEnds", scheme.term_ends),
        text("termSource", scheme.sources["term"]),
        number("reportEveryMonths", scheme.every_months), text("reportSource", scheme.sources["reports"]),
        text("listSource", scheme.sources["list"]),
    ]  # fmt: skip
    if commissioner is not None:
        shown.append({"name": "commissioner", "valueReference": await reference_to(connection, commissioner)})
    shown += [parts("terms", _terms(each)) for each in scheme.terms]
    return shown + [_period(each) for each in report_periods(scheme)]


def _terms(terms: Terms) -> list[dict[str, Any]]:
    shown = [
        on_day("from", terms.first), on_day("until", terms.last), money("upfrontPerPatient", terms.upfront),
        money("finalPerPatient", terms.final), number("reportDueDays", terms.due_days), text("source", terms.source),
    ]  # fmt: skip
    if terms.final_due is not None:
        shown.append(on_day("finalDue", terms.final_due))
    if terms.variation is not None:
        shown.append(number("variation", terms.variation))
    return shown


def _period(period: ReportPeriod) -> dict[str, Any]:
    return parts("report-period", [
        on_day("from", period.first), on_day("until", period.last), on_day("due", period.due),
        on_day("overdueFrom", period.due + timedelta(days=1)),
    ])  # fmt: skip
