"""Conditions and findings: what is recorded of a person, for value sets to ask."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.recorded import recorded
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in
from tandem.record_facts.conditions import condition_facts


def read_condition(condition: Resource, event: Event) -> Iterable[Fact]:
    """`status` is the clinical status, `first` the onset, `last` the abatement."""
    status = next(iter(sorted(codes_in(condition.get("clinicalStatus")))), None)
    yield from recorded("condition", condition_facts(condition), status=status)
