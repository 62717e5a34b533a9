"""Resource types outside the tables, such as a contained Device: what holds for any FHIR JSON, whatever its elements.

Their structure is the engine's to check; here are empty values, nulls, extensions and the elements of every resource.
"""

from __future__ import annotations

from typing import Any

from tandem.fhir.validation.fault import Fault, prefix
from tandem.fhir.validation.names import segment_of
from tandem.fhir.validation.shape import Shape


class Unlisted:
    """Walks a resource whose type is not in the tables."""

    def __init__(self, resource: Shape, extension: Shape) -> None:
        self._resource = resource
        self._extension = extension

    def walk(self, node: dict[str, Any], faults: list[Fault]) -> None:
        """Add the faults of the resource and all below it."""
        known = self._resource.checks
        for name, value in node.items():
            check = known.get(name)
            if check is not None:
                check(value, node, faults)
            else:
                self._member(name, value, node, faults)

    def _member(self, name: str, value: Any, node: dict[str, Any], faults: list[Fault]) -> None:
        segment = segment_of(name)
        if not isinstance(value, list):
            before = len(faults)
            self._value(name, value, faults)
            prefix(faults, before, segment)
            return
        if not value:
            faults.append(Fault("An array must not be empty; leave the element out instead", "structure", segment))
        partner = node.get(name[1:] if name.startswith("_") else f"_{name}")
        for index, item in enumerate(value):
            before = len(faults)
            paired = isinstance(partner, list) and index < len(partner) and partner[index] is not None
            if item is not None or not paired:
                self._value(name, item, faults)
            prefix(faults, before, f"{segment}[{index}]")

    def _value(self, name: str, value: Any, faults: list[Fault]) -> None:
        if name in ("extension", "modifierExtension"):
            self._extension.walk(value, faults)
        elif value is None:
            faults.append(Fault("A null stands here; leave the element out instead", "structure"))
        elif value == "":
            faults.append(Fault("A string must not be empty; leave the element out instead", "value"))
        elif isinstance(value, list):
            faults.append(Fault("An array must not stand in an array", "structure"))
        elif isinstance(value, dict):
            if not value:
                faults.append(Fault("An element must have a value or children (ele-1)", "invariant"))
            for member, item in value.items():
                self._member(member, item, value, faults)
