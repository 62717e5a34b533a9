"""What is known of a person when their enriched summary is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody answered in the plan: the item's linkId, its question, and the answer in words."""

    link: str
    question: str
    words: str


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """Records by type, none of them sensitive; `away` are the types whose owner did not answer. `plan` is the active
    shared plan, `told` its answers, the oldest first. `now` is in microseconds."""

    now: int
    records: Mapping[str, Sequence[Resource]] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    plan: Resource | None = None
    told: Sequence[Told] = ()

    def of(self, resource_type: str) -> Sequence[Resource]:
        """The records of a type."""
        return self.records.get(resource_type, ())

    def answers(self, *links: str) -> list[Told]:
        """The answers to these items."""
        return [each for each in self.told if each.link in links]
