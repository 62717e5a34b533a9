"""`Measure/$service-report`: all measures of an organisation over a period, as a Bundle, a page or a PDF.

A commissioner gets its networks one by one, in figures alone: people and small numbers are for those who care for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, get_args

from metrics_service.asked_organisations import (
    ORGANISATION_PARAMETERS,
    organisation_asked,
    organisation_given,
)
from metrics_service.domain.london_days import day_at
from metrics_service.domain.measures.definition import Definition, ServiceCode
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.domain.who_may_ask import MEASURED_KINDS
from metrics_service.evaluation_parameters import period
from metrics_service.measures.area import Area, area_of, networks_of
from metrics_service.measures.counted_span import counted, membership_moment
from metrics_service.measures.evaluation import figures
from metrics_service.measures.positions import rests_on
from metrics_service.measures.report import Rests, measure_report
from metrics_service.measures.shipped import definitions
from metrics_service.printed import FORMS, document
from metrics_service.service_report.report_blocks import report_blocks
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.media_types import chosen_media_type
from tandem.fhir.operation_parameters import one_of, only
from tandem.fhir.request import JSON, FhirResponse
from tandem.identity.organisations import COMMISSIONER, NETWORK

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall

ACTION: Final = "$service-report"
_SERVICES: Final = get_args(ServiceCode)
_ALL: Final = "all"
_STAGES: Final = ("setup", "delivery", "quality", "outcome")


@dataclass(frozen=True, slots=True)
class Reported:
    """The figures of one organisation."""

    area: Area
    figures: tuple[Figure, ...]


async def service_report(call: OperationCall) -> FhirResponse:
    """Parameters: `periodStart`, `periodEnd`, `organisation` (the caller's own without it), `service` (all without it).

    Raises FhirError 400, 403, 404, 406, and 422 for a period that has not begun.
    """
    only(call, ("periodStart", "periodEnd", *ORGANISATION_PARAMETERS, "service", "_format"))
    form = chosen_media_type(call.request, FORMS)
    asked, kernel = Span(*period(call)), call.kernel
    service = one_of(call, "service", (*_SERVICES, _ALL), _ALL)
    now = kernel.clock.now()
    span = counted(asked, day_at(now))
    asked_for = (each for each in definitions().values() if service in (_ALL, each.service))
    # What a service is set up with first, and what it delivers and brings about only once that is asked for (AC-081).
    due = sorted((each for each in asked_for if _due(each, span)), key=lambda each: _STAGES.index(each.stage))
    async with kernel.database.read() as connection:
        about, kind, exact = await organisation_asked(
            call, connection, organisation_given(call), to_micros(now), (*MEASURED_KINDS, COMMISSIONER)
        )
        moment = membership_moment(span, to_micros(now))
        areas = await _areas(connection, about, kind, moment)
        reported = [Reported(area, tuple(await figures(connection, due, area, span))) for area in areas]
        rests = await rests_on(connection, now)
    await audit_reads(kernel.database, call.request, ACTION, "Measure", set(), to_micros(now))
    if form == JSON:
        return FhirResponse(200, encode(_bundle(reported, rests, asked, exact=exact)))
    title = f"Service report of {about}"
    return await document(call, form, title, report_blocks(reported, asked, now, exact=exact))


async def _areas(connection: Connection, about: str, kind: str, moment: int) -> list[Area]:
    """The organisation itself; of a commissioner each network first."""
    own = await area_of(connection, about, kind, moment)
    if kind != COMMISSIONER:
        return [own]
    networks = await networks_of(connection, about, moment)
    return [*[await area_of(connection, each, NETWORK, moment) for each in networks], own]


def _due(definition: Definition, span: Span) -> bool:
    return definition.due(date.fromordinal(span.last))


def _bundle(reported: list[Reported], rests: Rests, asked: Span, *, exact: bool) -> dict[str, Any]:
    reports = [
        measure_report(figure, each.area, rests, exact=exact, period=asked)
        for each in reported
        for figure in each.figures
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report} for report in reports]}
