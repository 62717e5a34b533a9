"""`Measure/$service-timeline`: pace and scale of the five services of a network (PCN-052)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from metrics_service.asked_organisations import organisation_asked
from metrics_service.dashboard.titles import SERVICES
from metrics_service.domain.phase_review.workload import Load
from metrics_service.measures.measure_resource import measure_url
from metrics_service.service_timeline.requirements_asked import Asked
from metrics_service.service_timeline.timeline import FIVE, ServiceTimeline, TimelineYear, timeline_of
from metrics_service.service_timeline.work_of_years import Work
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import one_of, only, optional_day, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import NETWORK

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION: Final = "$service-timeline"
_ALL: Final = "all"


async def service_timeline(call: OperationCall) -> FhirResponse:
    """A `network` and each `service` of the five: `in-force`, `upcoming` and other requirements, and each `year`.

    Parameters `organisation` (a network; the caller without it), `date` (today), `service` (all five). Raises FhirError
    400, 403, 404, and 503 when cohort-service, which keeps the catalogue, cannot be asked.
    """
    only(call, ("organisation", "date", "service"))
    chosen = one_of(call, "service", (*FIVE, _ALL), _ALL)
    services = FIVE if chosen == _ALL else (chosen,)
    day, now = optional_day(call, "date") or today(call), call.kernel.clock.now()
    asked = ("organisation", call.one("organisation")) if "organisation" in call.parameters else None
    async with call.kernel.database.read() as connection:
        network, _, exact = await organisation_asked(call, connection, asked, to_micros(now), (NETWORK,))
        named = await reference_to(connection, network)
    timeline = await timeline_of(call, network, services, day, exact=exact)
    said: list[Parameter] = [{"name": "network", "valueReference": named}, on_day("date", day)]
    said += [parts("service", _service(each)) for each in timeline]
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), to_micros(now))
    return answer(said)


def _service(told: ServiceTimeline) -> list[Parameter]:
    return [
        coded("code", told.service), text("title", SERVICES[told.service]),
        *(parts(each.state, _requirement(each)) for each in told.asked),
        *(parts("year", _year(each)) for each in told.years),
    ]  # fmt: skip


def _requirement(asked: Asked) -> list[Parameter]:
    days = (("from", asked.first), ("until", asked.last))
    found: list[Parameter] = [{"name": "requirement", "valueCanonical": asked.canonical}, text("text", asked.text)]
    found += [on_day(name, day) for name, day in days if day is not None]
    if asked.switched:
        found.append(yes("local", True))
        if asked.national is not None:
            found.append(on_day("national-from", asked.national))
    return found


def _year(told: TimelineYear) -> list[Parameter]:
    year = told.work
    return [
        text("year", year.year), yes("begun", year.begun),
        number("in-force", told.in_force), number("beginning", told.beginning),
        *(parts("work", _work(each)) for each in year.work), parts("workload", _hours(year.whole)),
    ]  # fmt: skip


def _work(work: Work) -> list[Parameter]:
    definition = work.definition
    found: list[Parameter] = [
        {"name": "measure", "valueCanonical": f"{measure_url(definition)}|{definition.version}"},
        text("title", definition.title), coded("basis", "target" if work.aimed else "everybody"),
    ]
    if work.load.needed is not None:
        found.append(number("needed", work.load.needed))
    return [*found, *_hours(work.load)]


def _hours(load: Load) -> list[Parameter]:
    """Hours that are not known, because numbers are hidden or a list size is lacking, are left out and said to be."""
    named = (("hours-needed", load.hours), ("hours-available", load.available), ("hours-short", load.short))
    found = ({"name": name, "valueDecimal": round(hours, 1)} for name, hours in named if hours is not None)
    return [yes("known", load.hours is not None), *found]
