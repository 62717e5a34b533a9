"""A shipped measure evaluated: counted now, for those who may have it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import day_at
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.who_may_ask import MEASURED_KINDS
from metrics_service.measures.area import area_of
from metrics_service.measures.asked import AskedMeasure, asked_measure
from metrics_service.measures.counted_span import counted, membership_moment
from metrics_service.measures.evaluation import figures
from metrics_service.measures.people_counted import people_counted
from metrics_service.measures.positions import rests_on
from metrics_service.measures.report import measure_report
from metrics_service.measures.shipped import definition_with, definitions
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.visible_people import visible_people
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
    span = counted(wanted.span, day_at(now))
    people = None
    async with kernel.database.read() as connection:
        about, kind, exact = await organisation_asked(
            call, connection, wanted.organisation, to_micros(now), (*MEASURED_KINDS, COMMISSIONER)
        )
        _check_people(wanted, exact=exact)
        await _check_person(call, connection, wanted.narrowed.patient)
        area = await area_of(connection, about, kind, membership_moment(span, to_micros(now)), wanted.narrowed)
        figure = (await figures(connection, [definition], area, span, strata=True))[0]
        if wanted.target is not None:
            figure = replace(figure, target=wanted.target)
        if wanted.report_type != "summary":
            people = await people_counted(call, connection, figure.definition, area, span)
        rests = await rests_on(connection, now)
    seen: set[str | None] = {patient for records in (people or {}).values() for patient in records}
    await audit_reads(kernel.database, call.request, ACTION, "Measure", seen, to_micros(now))
    report = measure_report(
        figure, area, rests, exact=exact, period=wanted.span, what_if=wanted.what_if, kind=wanted.report_type,
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


def _check_people(wanted: AskedMeasure, *, exact: bool) -> None:
    """People are for those who care for them: a commissioner gets figures alone."""
    if wanted.report_type == "summary":
        return
    if not exact:
        raise FhirError(Kind.FORBIDDEN, "Who is counted is for those who care for them; ask for a summary")


async def _check_person(call: OperationCall, connection: Connection, patient: str | None) -> None:
    """Raises FhirError 404 for somebody whose record the caller may not see."""
    if patient is None:
        return
    params: list[Any] = [patient]
    conditions = visible_people(call, params, "Patient")
    sql = f"SELECT 1 FROM (SELECT id AS patient FROM patient WHERE id = $1) AS m WHERE {' AND '.join(conditions)}"
    if await connection.fetchval(sql, *params) is None:
        raise FhirError(Kind.NOT_FOUND, "No such person is known here", expression="subject")
