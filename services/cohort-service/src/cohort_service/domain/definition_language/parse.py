"""From the text of a YAML file to a cohort definition, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import PurePath
from typing import Any

from yaml import MappingNode, Node, SequenceNode

from cohort_service.domain.definition_language.blocks import (
    Block,
    Notes,
    is_tagged,
    read_text,
    read_whole,
    shown,
)
from cohort_service.domain.definition_language.check import check_definitions
from cohort_service.domain.definition_language.criteria import read_criterion
from cohort_service.domain.definition_language.faults import DefinitionError, Problem
from cohort_service.domain.definition_language.names import (
    KEBAB,
    KEBAB_ALLOWED,
    PARAMETER,
    REQUIREMENT,
    SERVICES,
    STATUSES,
    VERSION,
)
from cohort_service.domain.definition_language.nodes import Because, CohortDefinition, Criterion
from cohort_service.domain.definition_language.yaml_text import compose

__all__ = ["DefinitionError", "Problem", "check_definitions", "parse_definition", "with_parameters"]

_REQUIRED = ("id", "version", "title", "description", "service", "status", "source", "members")
_FIELDS = (
    "id", "version", "title", "description", "service", "status", "source", "requirements", "applies", "parameters",
    "since", "suggests", "list", "members", "exclude", "rank",
)  # fmt: skip
_LARGEST_PARAMETER = 100_000


def parse_definition(
    text: str, file: str, *, parameters: Mapping[str, int] | None = None, held: bool = False
) -> CohortDefinition:
    """The definition in `text`; `file` is its name, whose last part must be the id with `.yaml`.

    `parameters` are values to take instead of those of the file. One that is `held` already may be larger than what is
    installed today. Raises DefinitionError with all faults at once.
    """
    notes = Notes(file, held=held)
    root = compose(text, notes)
    if root is None:
        raise DefinitionError(notes.problems)
    block = Block(root, notes, "the definition", _FIELDS, required=_REQUIRED)
    _read_parameters(block, parameters or {})
    fields = _fields(block)
    _note_unused(block)
    if notes.problems:
        raise DefinitionError(sorted(notes.problems, key=lambda problem: problem.line))
    return CohortDefinition(**fields, text=text)


def with_parameters(definition: CohortDefinition, values: Mapping[str, int]) -> CohortDefinition:
    """The definition with other values of some of its parameters, checked like the file itself.

    Raises DefinitionError for a parameter that it does not have and for a value that is impossible there.
    """
    return parse_definition(definition.text, f"{definition.id}.yaml", parameters=values, held=True)


def _fields(block: Block) -> dict[str, Any]:
    applies_from, applies_until = _applies(block)
    return {
        "id": _id(block),
        "version": block.text("version", VERSION, 'letters, digits, dots and hyphens in quotes, such as "2020.1"'),
        "title": block.text("title"),
        "description": block.text("description"),
        "service": block.text("service", "|".join(SERVICES), f"one of {', '.join(SERVICES)}"),
        "status": block.text("status", "|".join(STATUSES), f"one of {', '.join(STATUSES)}"),
        "source": block.text("source", allowed="the document and the paragraph that the definition comes from"),
        "members": _criterion(block, "members"),
        "requirements": block.texts("requirements", REQUIREMENT, "ids of requirements, such as SMR-010"),
        "applies_from": applies_from,
        "applies_until": applies_until,
        "parameters": dict(block.notes.parameters),
        "exclude": _reasons(block, "exclude"),
        "rank": _reasons(block, "rank"),
        "suggests": block.texts("suggests"),
        "since": block.texts("since", KEBAB, "ids of value sets"),
        "listed": _listed(block),
    }


def _listed(block: Block) -> bool:
    """False where `list: false` stands; then nothing may stand that only a list has."""
    node = block.node_of("list")
    if node is None:
        return True
    if not (is_tagged(node, "bool") and str(node.value).lower() == "false"):
        block.notes.wrong(node, "list", "false, or no such field")
    for name in ("since", "suggests", "rank"):
        other = block.node_of(name)
        if other is not None:
            block.notes.note(other, f"{name} belongs to a list, and list: false keeps none", f"{name} or list: false")
    return False


def _id(block: Block) -> str | None:
    found = block.text("id", KEBAB, KEBAB_ALLOWED)
    stem = PurePath(block.notes.file).stem
    node = block.node_of("id")
    if found is not None and node is not None and found != stem:
        block.notes.note(node, f"the id {found} differs from the name of its file", f"id: {stem}, or {found}.yaml")
    return found


def _read_parameters(block: Block, instead: Mapping[str, int]) -> None:
    node, notes = block.node_of("parameters"), block.notes
    if node is not None and not (isinstance(node, MappingNode) and node.value):
        notes.wrong(node, "parameters", "names with whole numbers, such as medicines: 10")
    entries = node.value if isinstance(node, MappingNode) else []
    for key, value in entries:
        name = read_text(key, notes, "the name of a parameter", PARAMETER, "small letters, digits, - and _")
        number = read_whole(value, notes, "the value of a parameter", 0, _LARGEST_PARAMETER)
        if name in notes.parameters:
            notes.note(key, f"parameters has {name} twice", "each parameter once")
        elif name is not None and number is not None:
            notes.parameters[name] = instead.get(name, number)
    for name in instead:
        if name not in notes.parameters:
            known = ", ".join(notes.parameters) or "none, the definition has no parameters"
            notes.note(node or block.node, f"there is no parameter {name[:60]} to change", known)


def _note_unused(block: Block) -> None:
    node = block.node_of("parameters")
    unused = set(block.notes.parameters) - block.notes.used
    # a criterion with another fault was not read to its end and may well use it
    if unused and node is not None and not block.notes.problems:
        block.notes.note(node, f"never used: {', '.join(sorted(unused))}", "parameters that a criterion uses as $name")


def _criterion(block: Block, name: str) -> Criterion | None:
    node = block.node_of(name)
    return None if node is None else read_criterion(node, block.notes)


def _applies(block: Block) -> tuple[date | None, date | None]:
    node, notes = block.node_of("applies"), block.notes
    if node is None:
        return None, None
    inner = Block(node, notes, "applies", ("from", "until"))
    first, last = (_date(inner.node_of(name), notes, name) for name in ("from", "until"))
    if "from" not in inner and "until" not in inner and isinstance(node, MappingNode):
        notes.note(node, "applies has no date", "from, until, or both")
    if first and last and first > last:
        notes.note(node, "applies ends before it begins", "until on or after from")
    return first, last


def _date(node: Node | None, notes: Notes, what: str) -> date | None:
    if node is None:
        return None
    if is_tagged(node, "timestamp", "str") and len(node.value) == 10:
        with suppress(ValueError):
            return date.fromisoformat(node.value)
    notes.wrong(node, what, "a date such as 2020-04-01")
    return None


def _reasons(block: Block, name: str) -> tuple[Because, ...]:
    """The entries of `exclude` and of `rank`, which have points besides."""
    node, notes = block.node_of(name), block.notes
    if node is None:
        return ()
    if not isinstance(node, SequenceNode) or not node.value:
        notes.note(node, f"{name} is {shown(node)}", "a list with at least one entry of because and when")
        return ()
    names = ("because", "when", "points") if name == "rank" else ("because", "when")
    read = [_because(Block(entry, notes, f"an entry of {name}", names, required=names)) for entry in node.value]
    return tuple(reason for reason in read if reason is not None)


def _because(block: Block) -> Because | None:
    text, when, points = block.text("because"), _criterion(block, "when"), block.node_of("points")
    number = 0 if points is None else read_whole(points, block.notes, "points", 1, 1_000)
    return None if text is None or when is None or number is None else Because(text, when, number)
