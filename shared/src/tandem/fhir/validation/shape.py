"""Compiled types: a check for every member a type may have, called once for each member a node does have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tandem.fhir.validation.fault import Fault
from tandem.fhir.validation.invariants.rule import Invariant
from tandem.fhir.validation.names import segment_of

SINGLE = "This element does not repeat and must not be an array"
Node = dict[str, Any]
Check = Callable[[Any, Node, list[Fault]], None]
"""Checks one member: its value, the node it stands in, and where its faults go."""


class Shape:
    """One type, ready to walk a node of it. Filled once by the compiler and never changed after."""

    __slots__ = ("_is_resource", "checks", "invariants", "required")

    def __init__(self, *, is_resource: bool) -> None:
        self._is_resource = is_resource
        self.checks: dict[str, Check] = {}
        self.required: list[tuple[str, frozenset[str]]] = []
        """FHIRPath segment and the JSON names of which one must be there."""
        self.invariants: Sequence[Invariant] = ()

    def walk(self, node: Any, faults: list[Fault]) -> None:
        """Add the faults of a node and all below it."""
        if type(node) is not dict:
            faults.append(not_an_object(node))
            return
        checks = self.checks
        for name, value in node.items():
            check = checks.get(name)
            if check is not None:
                check(value, node, faults)
            else:
                faults.append(Fault("R4 has no such element here", "structure", segment_of(name)))
        for segment, names in self.required:
            if names.isdisjoint(node):
                faults.append(Fault("This element is required", "required", segment))
        if len(node) < 2 and not self._is_resource and (not node or "id" in node):
            faults.append(Fault("An element must have a value or children (ele-1)", "invariant"))
        for invariant in self.invariants:
            if not invariant.holds(node):
                faults.append(Fault(invariant.text, "invariant", *invariant.path))


def not_an_object(value: Any) -> Fault:
    """The fault of a value that stands where an object must stand."""
    if value is None:
        return Fault("A null stands here; leave the element out instead", "structure")
    if type(value) is list:
        return Fault(SINGLE, "structure")
    return Fault("This must be an object", "structure")
