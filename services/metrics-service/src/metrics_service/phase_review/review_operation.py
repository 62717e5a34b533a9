"""`Measure/$phase-review`: the targets of each year, what was achieved and how far the staff go (PC-055, PCN-048)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from metrics_service.asked_organisations import organisation_asked
from metrics_service.domain.london_days import Day, day_at
from metrics_service.domain.measures.definition import Definition, Target
from metrics_service.domain.measures.figure import Figure, value_of
from metrics_service.domain.measures.span import Span
from metrics_service.domain.phase_review.workload import Load, load_of, together
from metrics_service.measures.area import Area, area_of, networks_of
from metrics_service.measures.counted_span import membership_moment
from metrics_service.measures.evaluation import figures
from metrics_service.measures.measure_resource import measure_url
from metrics_service.measures.shipped import definitions
from metrics_service.measures.tried_numbers import tried_numbers
from metrics_service.phase_review.seen_figures import denominator_of, seen_figure
from metrics_service.phase_review.staff_in_post import staff_in_post
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, optional_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.nhs.financial_year import first_day, last_day

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.operation import OperationCall

ACTION: Final = "$phase-review"
Aims = list[tuple[Definition, Target]]


async def phase_review(call: OperationCall) -> FhirResponse:
    """A `network` with its `year`s, each with its `service`s: their `target`s and the `capacity` for all of them.

    Parameters `organisation` (a network, or a commissioner for each of its networks; the caller without it), `year`
    and `service` (all without them), and `staff` (`role=posts`, repeated): how far other posts would have gone than
    those that are recorded. Raises FhirError 400, 403, 404.
    """
    only(call, ("organisation", "year", "service", "staff"))
    tried = _tried(call)
    year, service = optional_text(call, "year"), optional_text(call, "service")
    aims = _aims(year, service)
    if not aims:
        raise FhirError(Kind.BAD_REQUEST, "No measure has a target for that year and service", expression="year")
    now = call.kernel.clock.now()
    asked = ("organisation", call.one("organisation")) if "organisation" in call.parameters else None
    async with call.kernel.database.read() as connection:
        about, kind, exact = await organisation_asked(call, connection, asked, to_micros(now), (NETWORK, COMMISSIONER))
        networks = [about] if kind == NETWORK else await networks_of(connection, about, to_micros(now))
        shown = [
            await _network(connection, each, aims, day_at(now), to_micros(now), exact, tried) for each in networks
        ]
    await audit_reads(call.kernel.database, call.request, ACTION, "Measure", set(), to_micros(now))
    said = [
        parts("tried", [coded("role", role), {"name": "posts", "valueDecimal": posts}]) for role, posts in tried.items()
    ]
    return answer([*said, *shown])


def _tried(call: OperationCall) -> dict[str, float]:
    tried = tried_numbers(call, "staff", "clinical-pharmacist=2")
    known = {role for each in definitions().values() if each.workload is not None for role in each.workload.roles}
    for role, posts in tried.items():
        if role not in known or posts < 0:
            wanted = f"staff is a role with posts (WTE, not below 0); the roles are {', '.join(sorted(known))}"
            raise FhirError(Kind.BAD_REQUEST, wanted, expression="staff")
    return tried


def _aims(year: str | None, service: str | None) -> dict[str, dict[str, Aims]]:
    """What is aimed at, by year and service; the first row of a measure for a year is the one it is held against."""
    found: dict[str, dict[str, Aims]] = {}
    for definition in definitions().values():
        for named in dict.fromkeys(each.year for each in definition.targets):
            target = definition.target(named)
            if target is not None and year in (None, named) and service in (None, definition.service):
                found.setdefault(named, {}).setdefault(definition.service, []).append((definition, target))
    return dict(sorted(found.items()))


async def _network(
    connection: Connection, code: str, aims: dict[str, dict[str, Aims]], today: Day, now: int, exact: bool,
    tried: dict[str, float],
) -> Parameter:  # fmt: skip
    inner: list[Parameter] = [{"name": "network", "valueReference": await reference_to(connection, code)}]
    for year, services in aims.items():
        first, last = first_day(year).toordinal(), last_day(year).toordinal()
        span = Span(first, min(last, max(today, first)))
        area = await area_of(connection, code, NETWORK, membership_moment(span, now))
        staff = await staff_in_post(connection, code, min(span.last, today)) | tried
        shown: list[Parameter] = [text("year", year), yes("begun", span.first <= today)]
        for service, wanted in sorted(services.items()):
            shown.append(await _service(connection, area, span, service, wanted, staff, today, exact))
        inner.append(parts("year", shown))
    return parts("network", inner)


async def _service(
    connection: Connection, area: Area, span: Span, service: str, aims: Aims, staff: dict[str, float], today: Day,
    exact: bool,
) -> Parameter:  # fmt: skip
    counted = (
        await figures(connection, [definition for definition, _ in aims], area, span) if span.first <= today
        else [None] * len(aims)
    )  # fmt: skip
    loads: list[tuple[Definition, Load]] = []
    shown: list[Parameter] = [coded("service", service)]
    for (definition, target), figure in zip(aims, counted, strict=True):
        seen = seen_figure(figure, exact)
        load = load_of(definition, target, await denominator_of(connection, definition, area, span, seen), staff)
        loads.append((definition, load))
        shown.append(parts("target", [*_target(definition, target), *_achieved(seen, target), *_load(load)]))
    return parts("service", [*shown, *_capacity(together(loads, staff))])


def _target(definition: Definition, target: Target) -> list[Parameter]:
    ends = (("minimum", target.minimum), ("maximum", target.maximum))
    return [
        {"name": "measure", "valueCanonical": f"{measure_url(definition)}|{definition.version}"},
        text("title", definition.title), text("unit", definition.unit),
        *({"name": name, "valueDecimal": end} for name, end in ends if end is not None), text("source", target.source),
    ]  # fmt: skip


def _achieved(seen: Figure | None, target: Target) -> list[Parameter]:
    if seen is None or seen.without_list_size:
        return []
    value = value_of(seen.definition, seen.whole)
    if value is None:
        return []
    below = target.minimum is not None and value < target.minimum
    above = target.maximum is not None and value > target.maximum
    position = "below" if below else "above" if above else "within"
    achieved: list[Parameter] = [{"name": "achieved", "valueDecimal": round(value, 4)}]
    return [*achieved, coded("position", position)] if seen.definition.network_position else achieved


def _load(load: Load) -> list[Parameter]:
    shown: list[Parameter] = []
    if load.needed is not None:
        shown.append(number("needed", load.needed))
    return [*shown, *_hours(load)]


def _capacity(load: Load) -> list[Parameter]:
    return [parts("capacity", _hours(load))] if load.hours is not None else []


def _hours(load: Load) -> list[Parameter]:
    shown: list[Parameter] = [
        {"name": name, "valueDecimal": round(hours, 1)}
        for name, hours in (("hours-needed", load.hours), ("hours-available", load.available)) if hours is not None
    ]  # fmt: skip
    if load.short is not None:
        shown += [{"name": "hours-short", "valueDecimal": round(load.short, 1)}, yes("shortfall", load.short > 0)]
    return shown
