"""The figures of the indicators of a report, counted by the measures they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from metrics_service.domain.measures.clause import Months
from metrics_service.domain.measures.definition import Definition
from metrics_service.domain.measures.figure import Figure
from metrics_service.domain.measures.span import Span
from metrics_service.domain.practice_reports.figures import ReportFigure
from metrics_service.domain.scheme.calendar import ReportPeriod
from metrics_service.domain.scheme.terms import Scheme
from metrics_service.facts.fold import FOREVER
from metrics_service.measures.area import area_of
from metrics_service.measures.evaluation import figures
from metrics_service.measures.shipped import definitions
from tandem.database.connection import Connection
from tandem.identity.organisations import PRACTICE

SIGNED_OFF = "register-signed-off"
_OF_SOMETHING = ("average", "median", "interval")
"""Counts that say nothing where there was nothing: no answer is not the answer nought."""


async def figures_of(
    connection: Connection, measures: Iterable[str], practice: str, period: ReportPeriod, scheme: Scheme, moment: int
) -> dict[str, ReportFigure]:
    """By measure, those that there is a figure of: over the period, or over the months to its end that it looks back.

    Nothing before the scheme began is counted (PCPC-001). `moment` is now, in microseconds.
    """
    known = definitions()
    wanted = [known[each] for each in dict.fromkeys(measures) if each in known]
    area = await area_of(connection, practice, PRACTICE, moment)
    found: dict[str, ReportFigure] = {}
    for months in sorted({_window(each) for each in wanted}):
        first = max(scheme.first, _looks_back(period, months)) if months else period.first
        these = [_in_days(each) for each in wanted if _window(each) == months]
        span = Span(first.toordinal(), period.last.toordinal())
        for figure in await figures(connection, these, area, span):
            found[figure.definition.id] = _shown(figure, first, period.last)
    if SIGNED_OFF in found:
        found[SIGNED_OFF] = await _with_dates(connection, found[SIGNED_OFF], practice, period)
    return {name: each for name, each in found.items() if each.known}


def _window(definition: Definition) -> int:
    """The months before the end of a period that a measure looks back over; 0 for one that counts the period."""
    when = definition.numerator.clause.when
    return when.number if isinstance(when, Months) else 0


def _looks_back(period: ReportPeriod, months: int) -> date:
    span = Span(period.first.toordinal(), period.last.toordinal())
    return date.fromordinal(span.months_before_end(months))


def _in_days(definition: Definition) -> Definition:
    """A measure that looks back, as one that counts the days it is given: those before the scheme are left out."""
    if not _window(definition):
        return definition
    clause = replace(definition.numerator.clause, when="in-period")
    return replace(definition, numerator=replace(definition.numerator, clause=clause))


def _shown(figure: Figure, first: date, last: date) -> ReportFigure:
    definition, whole, value = figure.definition, figure.whole, figure.value
    if definition.numerator.count in _OF_SOMETHING and not whole.people:
        value = None
    return ReportFigure(
        definition.id, definition.version, first.isoformat(), last.isoformat(), whole.numerator, whole.denominator,
        round(value, 1) if value is not None else None, definition.unit,
        whole.people if definition.suppressed else None,
    )  # fmt: skip


async def _with_dates(
    connection: Connection, figure: ReportFigure, practice: str, period: ReportPeriod
) -> ReportFigure:
    """The sign-off with its date (PCPC-074)."""
    rows = await connection.fetch(
        "SELECT DISTINCT first FROM told_fact WHERE kind = 'register-sign-off' AND organisation = $1"
        " AND status = 'agreed' AND first <= $2 AND known_until = $3 ORDER BY first",
        practice, period.last.toordinal(), FOREVER,
    )  # fmt: skip
    return replace(figure, dates=tuple(date.fromordinal(row["first"]).isoformat() for row in rows))
