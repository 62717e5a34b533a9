"""Where somebody wishes to die by their plan, and where the record says that they died (000 §3.11 b4, EHCH-009)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.answers import code_answered
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.answers_given import questionnaire_named
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of

_PLAN: Final = "personalised-care-and-support-plan"
_PLACES: Final = ("home", "care-home", "hospice", "hospital")
_DIED_IN: Final = {
    (SNOMED_CT, "1325731000000106"): "care-home", (SNOMED_CT, "876880009"): "care-home",
    (SNOMED_CT, "698747008"): "care-home", (SNOMED_CT, "876882001"): "hospice", (SNOMED_CT, "183676005"): "hospital",
}  # fmt: skip
"""Died in residential home, in care home (twice), in hospice, in hospital."""


def read_preferred_place(response: Resource, event: Event) -> Iterable[Fact]:
    """The `place-of-death` that a plan says is preferred, of one who has decided."""
    named = questionnaire_named(response.get("questionnaire"))
    place = code_answered(response, "preferred-place-of-death") if named is not None and named[0] == _PLAN else None
    if place in _PLACES:
        yield Fact("place-of-death", given_day(response.get("authored")), category="preferred", detail=place)


def read_recorded_death(record: Resource, event: Event) -> Iterable[Fact]:
    """The actual `place-of-death` of a Condition or Observation with a code that says it."""
    found = (_DIED_IN.get((system, code)) for system, code, _ in codings_of(record.get("code")))
    place = next((each for each in found if each is not None), None)
    if place is not None:
        dates = (record.get(name) for name in ("onsetDateTime", "effectiveDateTime", "recordedDate"))
        days = (given_day(each) for each in dates)
        day = next((each for each in days if each is not None), None)
        yield Fact("place-of-death", day, category="actual", detail=place)
