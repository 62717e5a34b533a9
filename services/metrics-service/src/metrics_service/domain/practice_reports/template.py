"""The commissioner's template: what every practice's report has, so that reports can be compared (PCPC-098)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics_service.domain.practice_reports.framework import key_indicators, outcomes

SHIPPED = "003 §3"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the commissioner's own. One that is `required` keeps a report from being submitted unanswered."""

    name: str
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class Template:
    """`version` is 0 for the shipped one; `first` is the first day of the periods that it is for."""

    version: int
    first: date
    questions: tuple[Question, ...] = ()
    publisher: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a comparison: indicators, interventions, outcomes, questions."""
        return (
            *(f"indicator:{each.name}" for each in key_indicators()), "interventions",
            *(f"outcome:{each.name}" for each in outcomes()), *(f"question:{each.name}" for each in self.questions),
        )  # fmt: skip


def template_for(templates: Sequence[Template], period: date) -> Template:
    """The newest template that begins by the first day of a period; the shipped one when there is none."""
    begun = [each for each in templates if each.first <= period]
    return max(begun, key=lambda each: (each.first, each.version)) if begun else Template(0, date.min)
