"""How able people are to look after their health: the Patient Activation Measure (docs/activation.md, 000 §5.8 m6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from metrics_service.domain.facts.answers import is_finished_answer, number_answered
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.nhs.activation import ACTIVATION_LEVEL
from tandem.record_facts.numbers import number_given

_MEASURE: Final = "patient-activation-measure"
_SAID: Final = ("final", "amended", "corrected")


def read_activation(response: Resource, event: Event) -> Iterable[Fact]:
    """A result of the measure: `value` the score from 0 to 100, `detail` the level from 1 to 4."""
    if is_finished_answer(response, _MEASURE):
        level = number_answered(response, "level")
        yield Fact(
            "activation", given_day(response.get("authored")), category=_MEASURE, detail=_written(level),
            value=number_answered(response, "score"),
        )  # fmt: skip


def read_recorded_activation(observation: Resource, event: Event) -> Iterable[Fact]:
    """A level that another system recorded; it has no score. The Observation of a response is the response's."""
    named = {(system, code) for system, code, _ in codings_of(observation.get("code"))}
    if (SNOMED_CT, ACTIVATION_LEVEL) not in named or observation.get("status") not in _SAID:
        return
    if _of_response(observation):
        return
    level = observation.get("valueInteger", (observation.get("valueQuantity") or {}).get("value"))
    yield Fact("activation", given_day(observation.get("effectiveDateTime")), category=_MEASURE, detail=_written(level))


def _written(level: Any) -> str | None:
    number = number_given(level)
    return None if number is None else f"{number:g}"


def _of_response(observation: Resource) -> bool:
    return any(
        str(each.get("reference") or "").startswith("QuestionnaireResponse/")
        for each in observation.get("derivedFrom") or ()
    )
