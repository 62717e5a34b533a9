"""One invariant of R4, and the small questions that invariants ask of a node.

An invariant is asked of every node of its type, also of one with other faults: so it must answer for any JSON and
answers "holds" where the fault is another's to report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invariant:
    """`key` as R4 names it; `path` from the node to the element at fault, innermost first."""

    key: str
    says: str
    holds: Callable[[Node], bool]
    path: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", f"{self.says} ({self.key})")


def has(node: Node, *names: str) -> bool:
    """Whether any of the elements is there, by value or by extension alone."""
    return any(name in node or f"_{name}" in node for name in names)


def needs(key: str, name: str, other: str) -> Invariant:
    """`name` needs `other` beside it."""
    return Invariant(key, f"{name} needs {other}", lambda node: not has(node, name) or has(node, other), (name,))


def not_both(key: str, name: str, other: str) -> Invariant:
    """At most one of two elements."""
    return Invariant(
        key, f"Either {name} or {other}, not both", lambda node: not (has(node, name) and has(node, other))
    )


def either(key: str, name: str, other: str) -> Invariant:
    """Exactly one of two elements."""
    return Invariant(
        key, f"Either {name} or {other} is needed, not both", lambda node: has(node, name) != has(node, other)
    )


def one_of(key: str, says: str, *names: str) -> Invariant:
    """At least one of several elements."""
    return Invariant(key, says, lambda node: has(node, *names))


def has_choice(node: Node, group: str) -> bool:
    """Whether the node has the choice `group`, e.g. `value` for any of value[x]."""
    size = len(group)
    return any(name.lstrip("_").startswith(group) and name.lstrip("_")[size : size + 1].isupper() for name in node)


def nodes(node: Node, name: str) -> list[Node]:
    """The objects in a repeating element."""
    found = node.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def child(node: Node, name: str) -> Node:
    """The object of an element that stands once; empty when there is none."""
    found = node.get(name)
    return found if isinstance(found, dict) else {}


def codes_of(concept: Node, system: str) -> set[str]:
    """The codes that a CodeableConcept has from one code system."""
    codings = nodes(concept, "coding")
    found = (coding.get("code") for coding in codings if coding.get("system") == system)
    return {code for code in found if isinstance(code, str)}


def number(value: Any) -> Decimal | None:
    """A JSON number as a Decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    exact = Decimal(value)
    return exact if exact.is_finite() else None
