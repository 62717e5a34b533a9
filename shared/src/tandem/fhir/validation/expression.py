"""An engine's path as the FHIRPath we report: `Observation.valueQuantity.value` is `Observation.value.value`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tandem.fhir.validation.names import UNNAMED
from tandem.fhir.validation.tables import Element, load

_segment = re.compile(r"(_?)([A-Za-z][A-Za-z0-9]{0,63})((?:\[[0-9]+\])?)(?:\[x\])?").fullmatch


def expression_of(path: str, resource: dict[str, Any]) -> str:
    """The FHIRPath of a dotted JSON path that starts at the resource's type."""
    root = path.split(".")[0]
    segments = [segment for segment, _ in _follow(path, resource)]
    return ".".join([root if _segment(root) else "Resource", *segments])


def element_of(path: str, resource: dict[str, Any]) -> Element | None:
    """The element of the tables that a dotted JSON path ends at; None when they have no such element."""
    elements = [element for _, element in _follow(path, resource)]
    return elements[-1] if elements else None


def _follow(path: str, resource: dict[str, Any]) -> Iterator[tuple[str, Element | None]]:
    types = load().types
    kind, *names = path.split(".")
    node: Any = resource
    for name in names:
        found = _segment(name)
        if found is None:
            # A name no element has may be anything, a person's too: it goes no further.
            yield UNNAMED, None
            return
        beside, member, index = found.groups()
        known = types.get(kind)
        element = known.elements.get(member) if known else None
        yield (element.segment if element else member) + index, element
        node = _child(node, beside + member, index)
        kind = "Element" if beside else _kind(member, element, node)


def _kind(member: str, element: Element | None, node: Any) -> str:
    if element is None:
        # Any type, also one outside the tables, has the same extensions.
        return "Extension" if member in ("extension", "modifierExtension") else ""
    if element.type == "Resource":
        return str(node.get("resourceType")) if isinstance(node, dict) else ""
    return element.type


def _child(node: Any, name: str, index: str) -> Any:
    below = node.get(name) if isinstance(node, dict) else None
    if index and isinstance(below, list):
        position = int(index[1:-1])
        return below[position] if position < len(below) else None
    return below
