"""A quarterly report to read and to print: the same that the Parameters say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from metrics_service.domain.practice_reports.content import Content, Intervention
from metrics_service.domain.practice_reports.figures import ReportFigure
from metrics_service.domain.practice_reports.framework import key_indicators, outcomes, system_indicators
from metrics_service.domain.practice_reports.gaps import Gap
from metrics_service.domain.practice_reports.template import Template
from tandem.printing.blocks import Block, Box, Facts, Table, Text

_UNITS = {"percent": "%", "people": "people", "things": "", "per-100000": "per 100,000", "per-1000": "per 1,000"}
_NOT_ATTRIBUTABLE = (
    "Followed by the commissioner for its whole area. They are not attributed to the practice and enter no payment."
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed of a report; `practice` is its name or code."""

    practice: str
    first: date
    last: date
    due: date
    state: str
    content: Content
    template: Template
    figures: Mapping[str, ReportFigure]
    gaps: Sequence[Gap]


def report_blocks(report: Printed) -> list[Block]:
    """The report, what is counted first."""
    rows = (
        ("Practice", report.practice), ("Period", f"{_day(report.first)} to {_day(report.last)}"),
        ("Due", _day(report.due)), ("State", report.state),
    )  # fmt: skip
    blocks: list[Block] = [Facts(rows)]
    if report.gaps:
        missing = (Text("h3", "Still missing"), *(Text("li", each.text) for each in report.gaps))
        blocks.append(Box(missing, "urgent"))
    blocks += [Text("h2", "Key reporting indicators"), _indicators(report)]
    blocks += [Text("h2", "Interventions, additional to core services"), *_interventions(report.content)]
    blocks += [Text("h2", "Benefits to outcomes"), *_outcomes(report)]
    if report.template.questions:
        answers = report.content.answers
        asked = tuple((each.text, answers.get(each.name, "")) for each in report.template.questions)
        blocks += [Text("h2", "Questions of the commissioner"), Facts(asked)]
    blocks += [Text("h2", "System indicators"), Text("p", _NOT_ATTRIBUTABLE)]
    system = tuple((each.text, figure_text(each.measures, report.figures)) for each in system_indicators())
    return [*blocks, Table(("Indicator", "Figure"), system)]


def figure_text(measures: Sequence[str], figures: Mapping[str, ReportFigure]) -> str:
    """The figures of these measures in words: `60% (60 of 100)`."""
    return "; ".join(_figure(figures[each]) for each in measures if each in figures) or "no figure"


def _figure(figure: ReportFigure) -> str:
    if figure.masked:
        return "a small number, not shown"
    said = f"{figure.value:g}{_unit(figure.unit)}"
    if figure.denominator is not None and figure.numerator is not None:
        said += f" ({figure.numerator:g} of {figure.denominator:g})"
    return said + (f", on {', '.join(_day(date.fromisoformat(each)) for each in figure.dates)}" if figure.dates else "")


def _unit(unit: str) -> str:
    word = _UNITS.get(unit, unit)
    return word if word == "%" or not word else f" {word}"


def _indicators(report: Printed) -> Table:
    rows = []
    for each in key_indicators():
        stated = report.content.indicators.get(each.name, "")
        rows.append((each.text, figure_text(each.measures, report.figures), stated))
    return Table(("Indicator", "Figure", "The practice says"), tuple(rows))


def _interventions(content: Content) -> list[Block]:
    found: list[Block] = []
    for each in content.interventions.values():
        found += [Text("h3", each.name), Facts(_said(each))]
        found += [Text("li", f"{one.giver.capitalize()}: {one.text}") for one in each.feedback]
    return found or [Text("p", "None recorded.")]


def _said(intervention: Intervention) -> tuple[tuple[str, str], ...]:
    rows = (
        ("What", intervention.description), ("Beyond core services", intervention.beyond_core),
        ("Beyond the AUA scheme", intervention.beyond_admissions_scheme),
    )  # fmt: skip
    return tuple((name, text) for name, text in rows if text is not None)


def _outcomes(report: Printed) -> list[Block]:
    found: list[Block] = []
    for each in outcomes():
        said = report.content.benefits.get(each.name)
        rows = [("Figures", figure_text(each.all_measures, report.figures))]
        if said is not None:
            rows += [(name, text) for name, text in (("Benefit", said.benefit), ("Quality", said.quality)) if text]
        found += [Text("h3", each.text), Facts(tuple(rows))]
    return found


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
