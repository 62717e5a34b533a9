"""A quarterly report as Parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from metrics_service.domain.practice_reports.content import Benefit, Content, Intervention
from metrics_service.domain.practice_reports.figures import ReportFigure
from metrics_service.domain.practice_reports.framework import (
    Indicator,
    Outcome,
    key_indicators,
    outcomes,
    system_indicators,
)
from metrics_service.domain.practice_reports.gaps import Gap
from metrics_service.domain.practice_reports.template import Template
from metrics_service.practice_reports.report_view import ReportView
from tandem.fhir.parameters_answer import coded, number, on_day, parts, text, yes
from tandem.small_numbers import MASKED

Shown = list[dict[str, Any]]


def report_parts(view: ReportView) -> Shown:
    """The whole report: state, indicators, interventions with their feedback, outcomes, answers, gaps; apart from
    them the system indicators, which answer for nobody."""
    content = view.report.content
    shown: Shown = [
        on_day("from", view.period.first), on_day("until", view.period.last), on_day("due", view.period.due),
        coded("state", view.state), number("templateVersion", view.template.version),
    ]  # fmt: skip
    if view.report.submitted is not None:
        shown.append(on_day("submitted", view.report.submitted))
    shown += [parts("indicator", _indicator(each, view.figures, content)) for each in key_indicators()]
    shown += [parts("intervention", intervention_parts(each)) for each in content.interventions.values()]
    shown += [
        parts("outcome", _outcome(each, view.figures, content.benefits.get(each.name))) for each in outcomes()
    ]
    shown += _answers(view.template, content)
    shown += [parts("system-indicator", _system(each, view.figures)) for each in system_indicators()]
    return shown + [gap_part(each) for each in view.gaps]


def gap_part(gap: Gap) -> dict[str, Any]:
    """What is missing, in words, with the paragraph that asks for it."""
    return parts("gap", [text("what", gap.what), text("text", gap.text), text("source", gap.source)])


def intervention_parts(intervention: Intervention) -> Shown:
    """An intervention; it is listed as additional, because only one that says how is recorded (PCPC-027)."""
    shown = [text("name", intervention.name), yes("additional", not intervention.lacking)]
    said = (
        ("description", intervention.description), ("beyondCore", intervention.beyond_core),
        ("beyondAdmissionsScheme", intervention.beyond_admissions_scheme),
    )  # fmt: skip
    shown += [text(name, value) for name, value in said if value is not None]
    return shown + [
        parts("feedback", [coded("from", each.giver), text("text", each.text)]) for each in intervention.feedback
    ]


def figure_part(figure: ReportFigure) -> dict[str, Any]:
    """What a measure came to over its days."""
    shown: Shown = [
        coded("measure", figure.measure), text("version", figure.version),
        {"name": "period", "valuePeriod": {"start": figure.first, "end": figure.last}}, coded("unit", figure.unit),
    ]  # fmt: skip
    if figure.masked:
        shown.append({"name": "value", "_valueDecimal": {"extension": [MASKED]}})
    numbers = (("numerator", figure.numerator), ("denominator", figure.denominator), ("value", figure.value))
    shown += [
        {"name": name, "valueDecimal": Decimal(str(value)).normalize() + 0} for name, value in numbers
        if value is not None
    ]  # fmt: skip
    return parts("figure", shown + [{"name": "date", "valueDate": each} for each in figure.dates])


def figures_under(measures: Iterable[str], figures: Mapping[str, ReportFigure]) -> Iterator[dict[str, Any]]:
    """The figures of these measures, of those that there is one of."""
    yield from (figure_part(figures[each]) for each in measures if each in figures)


def outcome_head(outcome: Outcome) -> Shown:
    """An outcome with the names of its indicators."""
    names = [coded("indicator", each) for each in outcome.indicators]
    measures = [coded("measure", each) for each in outcome.all_measures]
    return [
        coded("name", outcome.name), text("text", outcome.text), text("source", outcome.place), *names, *measures
    ]


def _indicator(indicator: Indicator, figures: Mapping[str, ReportFigure], content: Content) -> Shown:
    shown = [coded("name", indicator.name), text("place", indicator.place), text("text", indicator.text)]
    shown += figures_under(indicator.measures, figures)
    if indicator.name in content.indicators:
        shown.append(text("statement", content.indicators[indicator.name]))
    return shown


def _outcome(outcome: Outcome, figures: Mapping[str, ReportFigure], said: Benefit | None) -> Shown:
    shown = outcome_head(outcome)
    if said is not None:
        shown += [text(name, value) for name, value in (("benefit", said.benefit), ("quality", said.quality)) if value]
    return [*shown, *figures_under(outcome.all_measures, figures)]


def _answers(template: Template, content: Content) -> Shown:
    def one(name: str, asked: str, required: bool) -> Shown:
        shown = [coded("name", name), text("question", asked), yes("required", required)]
        return shown + ([text("answer", content.answers[name])] if name in content.answers else [])

    return [parts("answer", one(each.name, each.text, each.required)) for each in template.questions]


def _system(indicator: Indicator, figures: Mapping[str, ReportFigure]) -> Sequence[dict[str, Any]]:
    return [
        coded("name", indicator.name), text("text", indicator.text), yes("attributable", indicator.attributable),
        *figures_under(indicator.measures, figures),
    ]  # fmt: skip
