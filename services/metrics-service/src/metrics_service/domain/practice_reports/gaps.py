"""What a report still lacks: one with a gap is not submitted, and its practice does not qualify (PCPC-117)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from metrics_service.domain.practice_reports.content import Content
from metrics_service.domain.practice_reports.framework import key_indicators, outcomes
from metrics_service.domain.practice_reports.template import Template


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing (`indicator:confidence`), in words, with the paragraph that asks for it."""

    what: str
    text: str
    source: str


def gaps_of(content: Content, counted: Collection[str], template: Template) -> list[Gap]:
    """Every gap, in the order of the report. `counted` are the names of indicators that have a figure."""
    return [
        *_indicators(content, counted), *_interventions(content), *_outcomes(content), *_questions(content, template),
    ]  # fmt: skip


def _indicators(content: Content, counted: Collection[str]) -> Iterator[Gap]:
    for each in key_indicators():
        if each.name not in counted and each.name not in content.indicators:
            text = f"{each.text}: there is no figure for the period, so state what there is"
            yield Gap(f"indicator:{each.name}", text, "003 §3 report b1")


def _interventions(content: Content) -> Iterator[Gap]:
    if not content.interventions:
        yield Gap("interventions", "The interventions put in place for complex and frail people", "003 §3 report b2")
    for each in content.interventions.values():
        for lacking in each.lacking:
            over = "core GMS/PMS services" if lacking == "beyondCore" else "the AUA enhanced service"
            yield Gap(f"intervention:{each.name}", f"How {each.name} adds to {over}", "003 §2.3, §3 report b2")


def _outcomes(content: Content) -> Iterator[Gap]:
    for each in outcomes():
        said = content.benefits.get(each.name)
        for name, text in (("benefit", said and said.benefit), ("quality", said and said.quality)):
            if not text:
                what = "the benefit to it" if name == "benefit" else "the quality of care provided"
                yield Gap(f"outcome:{each.name}", f"{each.text}: {what}", "003 §3 report b4")


def _questions(content: Content, template: Template) -> Iterator[Gap]:
    for each in template.questions:
        if each.required and not content.answers.get(each.name):
            yield Gap(f"question:{each.name}", each.text, f"the commissioner's template, version {template.version}")
