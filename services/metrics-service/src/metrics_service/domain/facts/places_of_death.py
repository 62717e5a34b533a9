"""Where somebody wished to die, and where they died (003 §3 system b6, PCPC-091)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import code_of
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import SYSTEM_INDICATOR
from tandem.events.event import Event
from tandem.fhir.body import Resource

_SAYS: Final = {"preferred-place-of-death": "preferred", "place-of-death": "actual"}


def read_place_of_death(observation: Resource, event: Event) -> Iterable[Fact]:
    """`category` is preferred or actual, `detail` the place: home, care-home, hospice, hospital or elsewhere."""
    says = _SAYS.get(code_of(SYSTEM_INDICATOR, observation.get("code")) or "")
    place = code_of(SYSTEM_INDICATOR, observation.get("valueCodeableConcept"))
    if says is not None and place is not None:
        yield Fact("place-of-death", given_day(observation.get("effectiveDateTime")), category=says, detail=place)
