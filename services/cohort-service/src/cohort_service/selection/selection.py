"""What is in force on a day: definitions, the concepts of value sets, and what single networks chose otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cohort_service.domain.definition_language.nodes import CohortDefinition


@dataclass(frozen=True, slots=True)
class Variant:
    """Another definition of a cohort for the people registered with `practices` (codes as in tandem.identity)."""

    cohort: str
    definition: CohortDefinition
    practices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DefinitionInForce:
    """A definition and whom it is for: people of the practices `only` (None is everybody) except those of `but`."""

    definition: CohortDefinition
    only: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """`value_sets` gives the numbers of active concepts; a value set without members selects nobody.

    `groups` gives the value sets of each group. An optional definition is in force only for the practices that
    `switched_on` gives for its id. Of two variants for one practice the first counts. `titles` gives the titles of
    value sets, for words alone: nothing is selected by them.
    """

    definitions: Mapping[str, CohortDefinition]
    value_sets: Mapping[str, tuple[int, ...]]
    groups: Mapping[str, tuple[str, ...]]
    variants: tuple[Variant, ...] = ()
    switched_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def in_force(self, cohort: str) -> Iterator[DefinitionInForce]:
        """The definitions of a cohort, each for other people. Raises KeyError for an unknown cohort."""
        base = self.definitions[cohort]
        optional = base.status == "optional"
        on = tuple(sorted(set(self.switched_on.get(cohort, ()))))
        taken: set[str] = set()
        for variant in self.variants:
            if variant.cohort != cohort:
                continue
            practices = {practice for practice in variant.practices if not optional or practice in on} - taken
            taken |= practices
            if practices:
                yield DefinitionInForce(variant.definition, only=tuple(sorted(practices)))
        if optional:
            yield DefinitionInForce(base, only=tuple(practice for practice in on if practice not in taken))
        else:
            yield DefinitionInForce(base, but=tuple(sorted(taken)))
