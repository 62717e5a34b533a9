"""What a response says, by the linkId of its question (docs/questionnaires.md)."""

from __future__ import annotations

from typing import Any, Final

from metrics_service.domain.london_days import Day, given_day
from tandem.fhir.answers_given import answers_given, questionnaire_named
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.record_facts.numbers import number_given

FINISHED: Final = ("completed", "amended")


def is_finished_answer(response: Resource, questionnaire: str) -> bool:
    """Whether it answers this Questionnaire of ours, and all that is required is answered."""
    named = questionnaire_named(response.get("questionnaire"))
    return named is not None and named[0] == questionnaire and response.get("status") in FINISHED


def code_answered(response: Resource, link: str) -> str | None:
    """The code of the first coded answer."""
    value = _first(response, link).get("valueCoding") or {}
    return str(value["code"]) if value.get("code") else None


def number_answered(response: Resource, link: str) -> float | None:
    """The first answer that is a number."""
    value = _first(response, link)
    return number_given(value.get("valueInteger", value.get("valueDecimal")))


def day_answered(response: Resource, link: str) -> Day | None:
    """The first answer that is a date."""
    value = _first(response, link)
    return given_day(value.get("valueDate", value.get("valueDateTime")))


def organisation_answered(response: Resource, link: str) -> str | None:
    """The organisation that the first answer refers to: a code, or `Organization/id`."""
    return reference_code(_first(response, link).get("valueReference"))


def _first(response: Resource, link: str) -> dict[str, Any]:
    return next((each.value for each in answers_given(response) if each.link_id == link), {})
