"""How confident people are to manage their own health, by the question of the GP patient survey (003 §3 KRI 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.answers import code_answered, is_finished_answer
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource

_QUESTION: Final = "gp-survey-confidence"
_STEPS: Final = {
    "very-confident": 3.0, "fairly-confident": 2.0, "not-very-confident": 1.0, "not-at-all-confident": 0.0,
}  # fmt: skip


def read_confidence(response: Resource, event: Event) -> Iterable[Fact]:
    """A `survey-answer`: `detail` the answer, `value` its step from 0 (not at all) to 3; who does not know has none."""
    answer = code_answered(response, "confidence") if is_finished_answer(response, _QUESTION) else None
    if answer is not None:
        yield Fact(
            "survey-answer", given_day(response.get("authored")), category=_QUESTION, detail=answer,
            value=_STEPS.get(answer), group=f"QuestionnaireResponse/{response.get('id')}",
        )  # fmt: skip
