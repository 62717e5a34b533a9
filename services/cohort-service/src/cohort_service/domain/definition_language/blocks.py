"""Reading one file's YAML nodes: each value is checked as it is read, and what is wrong is noted with its line.

A reader that meets a fault notes it and answers None, so that reading goes on and all faults are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from cohort_service.domain.definition_language.faults import Problem

_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TAGS = {
    "str": "text", "int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date",
    "null": "nothing",
}  # fmt: skip


@dataclass(slots=True)
class Notes:
    """The faults of one file, its parameters, which of these a criterion uses, and how many criteria were read.

    A file that is `held` was installed before, perhaps when more was allowed.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)
    parameters: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    criteria: int = 0
    held: bool = False

    def note(self, node: Node, message: str, allowed: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, message, allowed))

    def wrong(self, node: Node, what: str, allowed: str) -> None:
        """Note that `what` stands as something else than it must be."""
        self.note(node, f"{what} is {shown(node)}", allowed)


def shown(node: Node) -> str:
    """What stands there, in words: `text "six"`, `a list`."""
    if not isinstance(node, ScalarNode):
        return "fields" if isinstance(node, MappingNode) else "a list"
    kind = _TAGS.get(node.tag.rpartition(":")[2], "of an unknown kind")
    return kind if kind == "nothing" else f'{kind} "{node.value[:60]}"'


def is_tagged(node: Node, *kinds: str) -> bool:
    """Whether the node is a scalar that YAML reads as one of `kinds` (str, int, float, bool, timestamp)."""
    return isinstance(node, ScalarNode) and node.tag.rpartition(":")[2] in kinds


class Block:
    """A mapping with fields of known names. Unknown and repeated fields are noted when it is made."""

    def __init__(
        self, node: Node, notes: Notes, what: str, fields: Sequence[str], required: Sequence[str] = ()
    ) -> None:
        self.node, self.notes, self.what = node, notes, what
        self._values: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            notes.wrong(node, what, f"fields: {', '.join(fields)}")
            return
        for key, value in node.value:
            self._take(key, value, fields)
        for name in required:
            if name not in self._values:
                notes.note(node, f"{what} has no field {name}", f"the field {name}, which must stand")

    def _take(self, key: Node, value: Node, fields: Sequence[str]) -> None:
        name = str(key.value) if isinstance(key, ScalarNode) else ""
        if name not in fields:
            told = f'"{name[:60]}"' if name else f"its name is {shown(key)}"
            self.notes.note(key, f"{self.what} has an unknown field: {told}", ", ".join(fields))
        elif name in self._values:
            self.notes.note(key, f"{self.what} has the field {name} twice", f"{name} once")
        else:
            self._values[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def node_of(self, name: str) -> Node | None:
        return self._values.get(name)

    def text(self, name: str, pattern: str | None = None, allowed: str = "text") -> str | None:
        """The text of a field, without spaces around it; noted when it is empty or does not match `pattern`."""
        node = self._values.get(name)
        return None if node is None else read_text(node, self.notes, name, pattern, allowed)

    def texts(self, name: str, pattern: str | None = None, allowed: str = "text") -> tuple[str, ...]:
        """The different texts of a list with at least one entry."""
        node = self._values.get(name)
        return () if node is None else read_texts(node, self.notes, name, pattern, allowed)

    def flag(self, name: str) -> bool:
        """Whether the field stands; it may only be `true`."""
        node = self._values.get(name)
        if node is None:
            return False
        if not (is_tagged(node, "bool") and str(node.value).lower() == "true"):
            self.notes.wrong(node, name, "true, or no such field")
        return True

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self._values.items())


def read_text(node: Node, notes: Notes, what: str, pattern: str | None = None, allowed: str = "text") -> str | None:
    """Text that is not empty; a number or date must be in quotes to be text."""
    if not is_tagged(node, "str"):
        notes.wrong(node, what, f"{allowed} (a number, a date, yes and no in quotes)")
        return None
    text = str(node.value).strip()
    if not text or (pattern is not None and re.fullmatch(pattern, text) is None):
        notes.wrong(node, what, allowed)
        return None
    return text


def read_texts(
    node: Node, notes: Notes, what: str, pattern: str | None = None, allowed: str = "text"
) -> tuple[str, ...]:
    """A list of different texts with at least one entry."""
    if not isinstance(node, SequenceNode) or not node.value:
        told = "is an empty list" if isinstance(node, SequenceNode) else f"is {shown(node)}"
        notes.note(node, f"{what} {told}", f"a list with at least one entry, such as [first, second] ({allowed})")
        return ()
    found: list[str] = []
    for entry in node.value:
        text = read_text(entry, notes, f"an entry of {what}", pattern, allowed)
        if text is None:
            continue
        if text in found:
            notes.note(entry, f'{what} has "{text}" twice', "each entry once")
        found.append(text)
    return tuple(found)


def read_whole(node: Node, notes: Notes, what: str, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`, both included."""
    if is_tagged(node, "int") and _WHOLE.fullmatch(node.value) and low <= int(node.value[:12]) <= high:
        return int(node.value)
    notes.wrong(node, what, f"a whole number from {low} to {high}")
    return None


def read_decimal(node: Node, notes: Notes, what: str) -> float | None:
    """A number, with or without decimals."""
    if is_tagged(node, "int", "float") and len(node.value) <= 20 and _DECIMAL.fullmatch(node.value):
        return float(node.value)
    notes.wrong(node, what, "a number such as 58 or 7.5")
    return None
