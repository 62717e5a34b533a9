"""Checking definitions together: what they refer to exists, and no definition refers back to itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from cohort_service.domain.definition_language.faults import DefinitionError, Problem
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.references import References, references_of


def check_definitions(
    definitions: Iterable[CohortDefinition], value_sets: Collection[str], groups: Collection[str]
) -> None:
    """Raise DefinitionError with every unknown value set, group or cohort, every id given twice and every cycle."""
    known: dict[str, CohortDefinition] = {}
    problems: list[Problem] = []
    for definition in definitions:
        if definition.id in known:
            problems.append(_problem(definition, definition.id, "the id stands in two definitions", "each id once"))
        known[definition.id] = definition
    references = {name: references_of(definition) for name, definition in known.items()}
    for name, definition in known.items():
        problems += _unknown(definition, references[name], value_sets, groups, known)
    problems += _cycles(known, references)
    if problems:
        raise DefinitionError(problems)


def _unknown(
    definition: CohortDefinition,
    references: References,
    value_sets: Collection[str],
    groups: Collection[str],
    cohorts: Collection[str],
) -> Iterator[Problem]:
    kinds = (("value set", references.value_sets, value_sets), ("group of value sets", references.groups, groups),
             ("cohort", references.cohorts, cohorts))  # fmt: skip
    for kind, asked, known in kinds:
        for name in asked:
            if name not in known:
                yield _problem(definition, name, f"unknown {kind}: {name}", _near(name, known, kind))


def _near(name: str, known: Collection[str], kind: str) -> str:
    near = get_close_matches(name, known, n=3)
    return f"a {kind} that is installed" + (f", perhaps {' or '.join(near)}" if near else "")


def _cycles(definitions: dict[str, CohortDefinition], references: dict[str, References]) -> Iterator[Problem]:
    done: set[str] = set()
    for start in definitions:
        cycle = _cycle_from(start, references, [], done)
        if cycle:
            told = " -> ".join([*cycle, cycle[0]])
            yield _problem(definitions[cycle[0]], cycle[1 % len(cycle)], f"a cycle of cohorts: {told}",
                           "cohorts that do not refer back to themselves")  # fmt: skip


def _cycle_from(name: str, references: dict[str, References], path: list[str], done: set[str]) -> list[str] | None:
    if name in path:
        return path[path.index(name) :]
    if name in done or name not in references:
        return None
    for next_name in references[name].cohorts:
        cycle = _cycle_from(next_name, references, [*path, name], done)
        if cycle:
            done.update(cycle)
            return cycle
    done.add(name)
    return None


def _problem(definition: CohortDefinition, name: str, message: str, allowed: str) -> Problem:
    """A fault about `name`, on the first line of the file where it stands in a criterion."""
    return Problem(f"{definition.id}.yaml", _line_of(definition.text, name), message, allowed)


def _line_of(text: str, name: str) -> int:
    whole_name = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    for number, line in enumerate(text.splitlines(), start=1):
        if whole_name.search(line) and not line.startswith(("id:", "title:", "description:")):
            return number
    return 1
