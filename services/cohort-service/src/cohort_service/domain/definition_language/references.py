"""What a definition refers to by name: value sets, groups of them, and other cohorts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cohort_service.domain.definition_language.nodes import (
    All,
    AnyOf,
    AtLeast,
    Categories,
    CohortDefinition,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Recorded,
    Together,
)


@dataclass(frozen=True, slots=True)
class References:
    """Names in the order in which they first stand, each once."""

    value_sets: tuple[str, ...]
    groups: tuple[str, ...]
    cohorts: tuple[str, ...]


def references_of(definition: CohortDefinition) -> References:
    """All names of a definition: members, exclusions, rank and since."""
    tops = [definition.members, *(reason.when for reason in (*definition.exclude, *definition.rank))]
    criteria = [criterion for top in tops for criterion in walk(top)]
    value_sets = [name for criterion in criteria for name in value_sets_of(criterion)] + list(definition.since)
    groups = [criterion.group for criterion in criteria if isinstance(criterion, Categories)]
    cohorts = [criterion.cohort for criterion in criteria if isinstance(criterion, InCohort)]
    return References(*(tuple(dict.fromkeys(names)) for names in (value_sets, groups, cohorts)))


def walk(criterion: Criterion) -> Iterator[Criterion]:
    """The criterion and all within it, from the outside to the inside."""
    yield criterion
    for inner in inner_criteria(criterion):
        yield from walk(inner)


def inner_criteria(criterion: Criterion) -> tuple[Criterion, ...]:
    """The criteria that a criterion directly holds."""
    match criterion:
        case All(of) | AnyOf(of) | AtLeast(_, of):
            return of
        case Not(of_one):
            return (of_one,)
        case Categories(plus=plus):
            return plus
        case _:
            return ()


def value_sets_of(criterion: Criterion) -> tuple[str, ...]:
    """The value sets that a criterion itself names."""
    match criterion:
        case Recorded(names) | Latest(names) | Medicine(names):
            return names
        case LastSaid(among, is_):
            return (*among, *is_)
        case Medicines(_, except_, names):
            return (*except_, *names)
        case Together(first, second):
            return (*first, *second)
        case _:
            return ()
