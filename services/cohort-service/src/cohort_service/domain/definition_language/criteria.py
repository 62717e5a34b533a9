"""Reading criteria: a mapping with one key, the kind of the criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from cohort_service.domain.definition_language.blocks import Block, Notes, is_tagged, read_text, shown
from cohort_service.domain.definition_language.names import KEBAB, KEBAB_ALLOWED
from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Categories,
    Criterion,
    InCohort,
    Not,
    Sex,
)
from cohort_service.domain.definition_language.quantities import number, value_of
from cohort_service.domain.definition_language.record_criteria import RECORD_CRITERIA

MANY = 1_000
OLDEST = 130
MOST_CRITERIA = 200
"""In one definition. One statement holds those of every cohort, and an engine takes no statement of any size."""


def read_criterion(node: Node, notes: Notes) -> Criterion | None:
    """The criterion that stands there, None when a fault was noted."""
    notes.criteria += 1
    if notes.criteria > MOST_CRITERIA and not notes.held:
        if notes.criteria == MOST_CRITERIA + 1:
            notes.note(node, "too many criteria", f"at most {MOST_CRITERIA}, those of exclude and rank included")
        return None
    if not isinstance(node, MappingNode) or len(node.value) != 1:
        told = f"has {len(node.value)} keys" if isinstance(node, MappingNode) else f"is {shown(node)}"
        notes.note(node, f"a criterion {told}", f"one key: {', '.join(_KINDS)}")
        return None
    key, value = node.value[0]
    kind = key.value if isinstance(key, ScalarNode) else ""
    reader = _KINDS.get(kind)
    if reader is None:
        notes.note(key, f'unknown criterion: "{kind[:60]}"', ", ".join(_KINDS))
        return None
    before = len(notes.problems)
    found = reader(value, notes)
    return found if len(notes.problems) == before else None


def read_criteria(node: Node | None, notes: Notes, what: str) -> tuple[Criterion, ...]:
    """A list of criteria with at least one entry."""
    if not isinstance(node, SequenceNode) or not node.value:
        if node is not None:
            told = "is an empty list" if isinstance(node, SequenceNode) else f"is {shown(node)}"
            notes.note(node, f"{what} {told}", "a list of criteria with at least one entry")
        return ()
    read = [read_criterion(entry, notes) for entry in node.value]
    return tuple(criterion for criterion in read if criterion is not None)


def _all(node: Node, notes: Notes) -> Criterion:
    return All(read_criteria(node, notes, "all"))


def _any(node: Node, notes: Notes) -> Criterion:
    return AnyOf(read_criteria(node, notes, "any"))


def _not(node: Node, notes: Notes) -> Criterion | None:
    inner = read_criterion(node, notes)
    return None if inner is None else Not(inner)


def _at_least(node: Node, notes: Notes) -> Criterion | None:
    block = Block(node, notes, "at_least", ("count", "of"), required=("count", "of"))
    count = number(block, "count", 1, MANY)
    entries = block.node_of("of")
    of = read_criteria(entries, notes, "of")
    if count is None or not isinstance(entries, SequenceNode):
        return None
    if value_of(count, notes.parameters) > len(entries.value):
        told = f"at_least counts to {value_of(count, notes.parameters)} of {len(entries.value)} criteria"
        notes.note(node, told, f"a count from 1 to {len(entries.value)}")
    return AtLeast(count, of)


def _cohort(node: Node, notes: Notes) -> Criterion | None:
    name = read_text(node, notes, "cohort", KEBAB, f"the id of a definition: {KEBAB_ALLOWED}")
    return None if name is None else InCohort(name)


def _age(node: Node, notes: Notes) -> Criterion | None:
    block = Block(node, notes, "age", ("from", "under"))
    low, high = number(block, "from", 0, OLDEST), number(block, "under", 1, OLDEST)
    if "from" not in block and "under" not in block and isinstance(node, MappingNode):
        notes.note(node, "age has no bound", "from (completed years), under, or both")
    if low is not None and high is not None and value_of(low, notes.parameters) >= value_of(high, notes.parameters):
        notes.note(node, "the bounds of age exclude each other", "from less than under")
    return Age(low, high)


def _sex(node: Node, notes: Notes) -> Criterion | None:
    if is_tagged(node, "str") and node.value in ("female", "male"):
        return Sex("female" if node.value == "female" else "male")
    notes.wrong(node, "sex", "female or male")
    return None


def _categories(node: Node, notes: Notes) -> Criterion | None:
    block = Block(node, notes, "categories", ("group", "at_least", "up_to", "plus"), required=("group", "at_least"))
    group = block.text("group", KEBAB, f"the group of value sets: {KEBAB_ALLOWED}")
    low, high = number(block, "at_least", 0, MANY), number(block, "up_to", 0, MANY)
    plus = read_criteria(block.node_of("plus"), notes, "plus")
    if group is None or low is None:
        return None
    if high is not None and value_of(low, notes.parameters) > value_of(high, notes.parameters):
        notes.note(node, "the bounds of categories exclude each other", "at_least no greater than up_to")
    return Categories(group, low, high, plus)


_KINDS: Mapping[str, Callable[[Node, Notes], Criterion | None]] = {
    "all": _all, "any": _any, "not": _not, "at_least": _at_least, "cohort": _cohort, "age": _age, "sex": _sex,
    **RECORD_CRITERIA, "categories": _categories,
}  # fmt: skip
