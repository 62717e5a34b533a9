"""Budgets as they were recorded in responses to Questionnaire/personal-health-budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from careplan_service.domain.personal_budgets.promotions import Outcome
from careplan_service.questionnaires.answers import Answer, AnsweredResponse
from tandem.london_days import london_date

BUDGET = "personal-health-budget"


@dataclass(frozen=True, slots=True)
class Budget:
    """One response with its answers by linkId, choices as their codes."""

    response: AnsweredResponse
    answers: dict[str, Any]
    kind_in_words: str

    @property
    def outcome(self) -> Outcome:
        """What came of it, on the day it was recorded."""
        return Outcome(
            london_date(self.response.authored), bool(self.answers.get("legal-right")),
            str(self.answers.get("outcome")),
        )  # fmt: skip


def budgets_in(answers: Iterable[Answer]) -> list[Budget]:
    """The budgets of answers that stand together by response; those without a kind are left out."""
    found = []
    for _, group in groupby(answers, key=lambda each: each.response.id):
        held = list(group)
        kind = next((each.text for each in held if each.link_id == "kind"), None)
        if kind is not None:
            found.append(Budget(held[0].response, {each.link_id: _plain(each.value) for each in held}, kind))
    return found


def _plain(value: Any) -> Any:
    return value.get("code") if isinstance(value, dict) and "code" in value else value
