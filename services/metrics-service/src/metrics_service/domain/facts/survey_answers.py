"""What people say of their care when they are asked (000 §3.11 b1, EHCH-006)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.answers import (
    code_answered,
    is_finished_answer,
    number_answered,
    organisation_answered,
)
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource

_HOMES: Final = "care-home-experience"
_ASKED: Final = ("experience", "quality", "safety")


def read_care_home_experience(response: Resource, event: Event) -> Iterable[Fact]:
    """One `survey-answer` a question: `category` the Questionnaire, `detail` the question, `value` from 0 to 10.

    `status` is who answers (resident, family or carer), `place` the home.
    """
    if not is_finished_answer(response, _HOMES):
        return
    home, respondent = organisation_answered(response, "home"), code_answered(response, "respondent")
    for question in _ASKED:
        score = number_answered(response, question)
        if score is not None:
            yield Fact(
                "survey-answer", given_day(response.get("authored")), status=respondent, category=_HOMES,
                detail=question, value=score, place=home,
            )  # fmt: skip
