"""What a service takes in each year: the targets of the year where there are any, else everybody whom it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from metrics_service.domain.london_days import Day
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.span import Span
from metrics_service.domain.phase_review.workload import Load, load_of, load_of_everybody, together
from metrics_service.measures.area import Area, area_of
from metrics_service.measures.counted_span import membership_moment
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from metrics_service.phase_review.seen_figures import denominator_of, seen_figure
from metrics_service.phase_review.staff_in_post import staff_in_post
from tandem.database.connection import Connection
from tandem.identity.organisations import NETWORK
from tandem.nhs.financial_year import first_day, last_day

_TWELVE_MONTHS = 365


@dataclass(frozen=True, slots=True)
class Work:
    """What one measure of a service asks for in a year; `aimed` says that a target of the year does."""

    definition: Definition
    aimed: bool
    load: Load


@dataclass(frozen=True, slots=True)
class YearOfWork:
    """The measures of a service that have a workload, and all of them together."""

    year: str
    begun: bool
    work: tuple[Work, ...]
    whole: Load


async def work_of_year(
    connection: Connection, network: str, service: str, year: str, today: Day, now: int, *, exact: bool
) -> YearOfWork:
    """The hours of a service in a financial year.

    A year that goes on or is to come is set against the lists, the staff and the twelve months up to today.
    """
    first, last = first_day(year).toordinal(), last_day(year).toordinal()
    span = Span(first, min(last, max(today, first)))
    people = span if last <= today else Span(today - _TWELVE_MONTHS + 1, today)
    area = await area_of(connection, network, NETWORK, membership_moment(span, now))
    staff = await staff_in_post(connection, network, min(span.last, today))
    measured = [each for each in definitions().values() if each.service == service and each.workload is not None]
    loads = [
        Work(each, each.target(year) is not None, await _load(connection, each, year, area, span, people, staff, exact))
        for each in measured
    ]
    whole = _of_staff(together([(each.definition, each.load) for each in loads], staff), measured, staff)
    return YearOfWork(year, first <= today, tuple(loads), whole)


async def _load(
    connection: Connection, definition: Definition, year: str, area: Area, span: Span, people: Span,
    staff: dict[str, float], exact: bool,
) -> Load:  # fmt: skip
    target = definition.target(year)
    [figure] = await figures(connection, [definition], area, people)
    seen = seen_figure(figure, exact)
    if target is None:
        load = load_of_everybody(definition, seen.whole if seen is not None else None, staff)
    else:
        load = load_of(definition, target, await denominator_of(connection, definition, area, span, seen), staff)
    return _of_staff(load, [definition], staff)


def _of_staff(load: Load, measured: Sequence[Definition], staff: Mapping[str, float]) -> Load:
    """The load without hours available where nobody recorded a post of any of the roles: that is not none at all."""
    roles = {role for each in measured if each.workload is not None for role in each.workload.roles}
    return load if roles & staff.keys() else replace(load, available=None)
