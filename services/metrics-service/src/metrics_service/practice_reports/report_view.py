"""A quarterly report as somebody sees it: what is said and what is counted, with what it still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from metrics_service.domain.practice_reports.content import Content
from metrics_service.domain.practice_reports.figures import ReportFigure, disclosed
from metrics_service.domain.practice_reports.framework import (
    Indicator,
    key_indicators,
    outcomes,
    system_indicators,
)
from metrics_service.domain.practice_reports.gaps import Gap, gaps_of
from metrics_service.domain.practice_reports.template import Template, template_for
from metrics_service.domain.scheme.calendar import ReportPeriod, State, period_ending
from metrics_service.domain.scheme.terms import Scheme
from metrics_service.practice_reports.counted_figures import figures_of
from metrics_service.practice_reports.report_rows import Report, report_of
from metrics_service.practice_reports.template_rows import templates_of
from metrics_service.scheme.parties import Seen
from metrics_service.scheme.variation_rows import scheme_of
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report with its figures by measure: those it was submitted with, else as they are counted now."""

    practice: str
    period: ReportPeriod
    state: State
    report: Report
    template: Template
    figures: Mapping[str, ReportFigure]
    gaps: tuple[Gap, ...]
    scheme: Scheme

    def for_commissioner(self) -> ReportView:
        """The same with small numbers hidden, and without the words of a report that is still being written."""
        report = self.report if self.report.submitted is not None else replace(self.report, content=Content())
        return replace(self, report=report, figures={name: disclosed(each) for name, each in self.figures.items()})


def measures_of_reports() -> list[str]:
    """The ids of all measures that a report shows."""
    named = measures_of((*key_indicators(), *system_indicators()))
    return list(dict.fromkeys([*named, *(measure for each in outcomes() for measure in each.all_measures)]))


def measures_of(indicators: Iterable[Indicator]) -> list[str]:
    """The ids of the measures that these come from."""
    return [measure for each in indicators for measure in each.measures]


async def asked_period(connection: Connection, commissioner: str | None, last: date) -> tuple[Scheme, ReportPeriod]:
    """The scheme and the period that ends on a day. Raises FhirError 422 for a day on which none ends."""
    scheme = await scheme_of(connection, commissioner)
    period = period_ending(scheme, last)
    if period is None:
        text = f"period is the last day of a period of the scheme, which runs from {scheme.first} to {scheme.last}"
        raise FhirError(Kind.UNPROCESSABLE, f"{text} ({scheme.sources['reports']})", expression="period")
    return scheme, period


async def report_view(
    connection: Connection, seen: Seen, last: date, today: date, moment: int, *, key_figures_only: bool = False
) -> ReportView:
    """The report of the period that ends on `last`; for its gaps the key figures are enough. Raises FhirError 422 when
    no period does."""
    scheme, period = await asked_period(connection, seen.commissioner, last)
    report = await report_of(connection, seen.practice, last)
    if report.figures is not None and report.template is not None:
        figures, template = report.figures, report.template
    else:
        template = template_for(await templates_of(connection, seen.commissioner), period.first)
        measures = measures_of(key_indicators()) if key_figures_only else measures_of_reports()
        figures = await figures_of(connection, measures, seen.practice, period, scheme, moment)
    counted = {each.name for each in key_indicators() if any(measure in figures for measure in each.measures)}
    gaps = () if report.submitted is not None else tuple(gaps_of(report.content, counted, template))
    state = period.state(report.submitted, today)
    return ReportView(seen.practice, period, state, report, template, figures, gaps, scheme)
