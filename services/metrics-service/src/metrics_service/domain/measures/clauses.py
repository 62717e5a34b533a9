"""All that a definition asks for, however deep it stands."""

from __future__ import annotations

from collections.abc import Iterator

from metrics_service.domain.measures.clause import AllOf, AnyOf, Clause, Condition, Has, Not, OnList, Population
from metrics_service.domain.measures.definition import Definition


def clauses_of(definition: Definition) -> Iterator[Clause]:
    """Every clause of its populations and exclusions, with those of their conditions."""
    populations = [definition.numerator, *definition.populations.values()]
    if isinstance(definition.denominator, Population):
        populations.append(definition.denominator)
    elif isinstance(definition.denominator, str):
        yield Clause(("list-size",))
    if definition.targets_recorded is not None:
        yield Clause(("target", "affiliation"))
    for population in populations:
        yield from _below(population.clause)
    for condition in definition.exclusions:
        yield from _of_condition(condition)


def kinds_of(definition: Definition) -> frozenset[str]:
    """The kinds of facts that it counts, or asks a person to have."""
    return frozenset(kind for clause in clauses_of(definition) for kind in clause.facts)


def value_sets_of(definition: Definition) -> frozenset[str]:
    """The value sets that it names."""
    return frozenset(name for clause in clauses_of(definition) for name in (*clause.codes, *clause.not_codes))


def _below(clause: Clause) -> Iterator[Clause]:
    yield clause
    for condition in clause.people:
        yield from _of_condition(condition)


def _of_condition(condition: Condition) -> Iterator[Clause]:
    match condition:
        case OnList():
            yield Clause(("list-stay",), category=condition.lists)
        case Has():
            # Where it asks for the practice's networks, it asks who is a member of whom.
            if condition.of == "practice":
                yield Clause(("affiliation",))
            yield from _below(condition.clause)
        case Not():
            yield from _of_condition(condition.condition)
        case AnyOf() | AllOf():
            for each in condition.conditions:
                yield from _of_condition(each)
        case _:
            yield Clause(("person",))
