"""Observations: what was found, measured or said, with its value."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.recorded import recorded
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.record_facts.observations import observation_facts


def read_observation(observation: Resource, event: Event) -> Iterable[Fact]:
    """`codings` are those of the question and of a coded answer, `value` the number; of each component likewise."""
    yield from recorded("observation", observation_facts(observation), status=observation.get("status"))
