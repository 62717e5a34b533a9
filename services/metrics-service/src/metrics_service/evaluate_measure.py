"""`Measure/{id}/$evaluate-measure`: the figures of a practice or network over a period, as a MeasureReport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import day_at
from metrics_service.domain.measure_report import measure_report
from metrics_service.domain.shared_care_activity import MEASURE, POPULATIONS, definition
from metrics_service.evaluation_parameters import asked
from metrics_service.measures.evaluate import evaluate
from metrics_service.measures.shipped import definitions
from metrics_service.population_counts import Span, count
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ACTION = "$evaluate-measure"


async def evaluate_measure(call: OperationCall) -> FhirResponse:
    """The MeasureReport, counted now. Raises FhirError 400, 403, 404, and 422 for a Measure that is only a record."""
    if call.id in definitions():
        return await evaluate(call)
    wanted, kernel = asked(call), call.kernel
    now = kernel.clock.now()
    async with kernel.database.read() as connection:
        await _check_measure(call, connection)
        organisation, kind, exact = await organisation_asked(call, connection, wanted.organisation, to_micros(now))
        span = Span(wanted.first, wanted.last, day_at(now), to_micros(now))
        figures = await count(connection, POPULATIONS, organisation, kind, span)
    await audit_reads(kernel.database, call.request, ACTION, "Measure", set(), to_micros(now))
    report = measure_report(definition(), organisation, wanted.first, wanted.last, now, figures, exact=exact)
    return FhirResponse(200, encode(report))


async def _check_measure(call: OperationCall, connection: Connection) -> None:
    assert call.id is not None, "declared on the instance"
    held = await visible_resource(call.kernel, connection, call.request, "Measure", call.id)
    if held is None or held.body is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Measure")
    if call.id != MEASURE:
        raise FhirError(Kind.UNPROCESSABLE, f"This Measure is a record; {MEASURE} is the one that is evaluated here")
