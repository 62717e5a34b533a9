"""A shipped measure evaluated: counted now, for those who may have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import day_at
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.measures.span import Span
from metrics_service.domain.who_may_ask import MEASURED_KINDS
from metrics_service.measures.area import area_of
from metrics_service.measures.asked import AskedMeasure, asked_measure
from metrics_service.measures.evaluation import figures
from metrics_service.measures.people_counted import people_counted
from metrics_service.measures.positions import rests_on
from metrics_service.measures.report import measure_report
from metrics_service.measures.shipped import definition_with, definitions
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import COMMISSIONER

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ACTION = "$evaluate-measure"


async def evaluate(call: OperationCall) -> FhirResponse:
    """The MeasureReport. Raises FhirError 400, 403, 404, and 422 for a period that has not begun."""
    assert call.id is not None, "declared on the instance"
    wanted, kernel = asked_measure(call), call.kernel
    definition = _definition(call.id, wanted)
    now = kernel.clock.now()
    span = _counted(wanted.span, day_at(now))
    people = None
    async with kernel.database.read() as connection:
        about, kind, exact = await organisation_asked(
            call, connection, wanted.organisation, to_micros(now), (*MEASURED_KINDS, COMMISSIONER)
        )
        _check_people(wanted, exact=exact)
        area = await area_of(connection, about, kind, _moment(span, to_micros(now)), wanted.narrowed)
        figure = (await figures(connection, [definition], area, span, strata=True))[0]
        if wanted.report_type != "summary":
            people = await people_counted(call, connection, definition, area, span)
        rests = await rests_on(connection, now)
    seen: set[str | None] = {patient for records in (people or {}).values() for patient in records}
    await audit_reads(kernel.database, call.request, ACTION, "Measure", seen, to_micros(now))
    report = measure_report(
        figure, area, rests, exact=exact, period=wanted.span, what_if=wanted.parameters, kind=wanted.report_type,
        people=people,
    )  # fmt: skip
    return FhirResponse(200, encode(report))


def _definition(name: str, wanted: AskedMeasure) -> Definition:
    if not wanted.parameters:
        return definitions()[name]
    try:
        return definition_with(name, wanted.parameters)
    except DefinitionFault as fault:
        raise FhirError(Kind.BAD_REQUEST, str(fault), expression="parameter") from None


def _counted(asked: Span, today: int) -> Span:
    """The days that have been: of a period that goes on, those up to today."""
    if asked.first > today:
        raise FhirError(
            Kind.UNPROCESSABLE, "The period has not begun: nothing is to be counted", expression="periodStart"
        )
    return replace(asked, last=min(asked.last, today))


def _moment(span: Span, now: int) -> int:
    """The moment whose memberships count: the end of the period, or now when it goes on."""
    end = datetime.combine(date.fromordinal(span.last) + timedelta(days=1), time(), UTC)
    return min(to_micros(end) - 1, now)


def _check_people(wanted: AskedMeasure, *, exact: bool) -> None:
    """People are for those who care for them: a commissioner gets figures alone."""
    if wanted.report_type == "summary":
        return
    if not exact:
        raise FhirError(Kind.FORBIDDEN, "Who is counted is for those who care for them; ask for a summary")
