"""The compiled shapes of all types in the tables, and the walk of a resource: at the root or contained."""

from __future__ import annotations

from functools import cache
from typing import Any

from tandem.fhir.validation import element_checks, narrative
from tandem.fhir.validation.fault import Fault, prefix
from tandem.fhir.validation.invariants import INVARIANTS
from tandem.fhir.validation.shape import Check, Node, Shape, not_an_object
from tandem.fhir.validation.tables import Element, Tables, Type, load
from tandem.fhir.validation.unlisted import Unlisted


class Shapes:
    """The shapes of all types. Build it through `shapes()`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._shapes = {path: Shape(is_resource=kind.is_resource) for path, kind in tables.types.items()}
        for path, kind in tables.types.items():
            self._fill(self._shapes[path], kind)
        self._unlisted = Unlisted(self._shapes["DomainResource"], self._shapes["Extension"])

    def walk(self, resource: dict[str, Any], faults: list[Fault]) -> None:
        """Add the faults of a resource; one of a type outside the tables gets the rules that hold for any JSON."""
        name = resource.get("resourceType")
        if not isinstance(name, str) or name not in self._tables.resource_types:
            faults.append(Fault("This is not the name of an R4 resource type", "structure", "resourceType"))
            return
        shape = self._shapes.get(name, self._unlisted)
        shape.walk(resource, faults)

    def _fill(self, shape: Shape, kind: Type) -> None:
        for name, element in kind.elements.items():
            check = self._check(element)
            is_primitive = element.type not in self._shapes
            beside = self._extension_check(element) if is_primitive and element.type != "xhtml" else None
            for member, one in ((name, check), (f"_{name}", beside)):
                if one is not None:
                    shape.checks[member] = element_checks.only_one(element, one) if len(element.siblings) > 1 else one
        if kind.is_resource:
            shape.checks["resourceType"] = _nothing
            # A resource's own id takes no extension.
            shape.checks.pop("_id", None)
        needed = {element.segment: element.siblings for element in kind.elements.values() if element.required}
        shape.required = [(key, _with_extensions(names)) for key, names in needed.items()]
        shape.invariants = INVARIANTS.get(kind.path, ())

    def _check(self, element: Element) -> Check:
        if element.name == "contained":
            return self._contained
        if element.type == "xhtml":
            return _narrative
        if element.type not in self._shapes:
            return element_checks.primitives(element) if element.repeats else element_checks.primitive(element)
        make = element_checks.complex_many if element.repeats else element_checks.complex_one
        return make(element, self._shapes[element.type])

    def _extension_check(self, element: Element) -> Check:
        make = element_checks.extensions_of if element.repeats else element_checks.extension_of
        return make(element, self._shapes["Element"])

    def _contained(self, items: Any, node: Node, faults: list[Fault]) -> None:
        if type(items) is not list or not items:
            faults.append(Fault("This must be an array of at least one resource", "structure", "contained"))
            return
        for index, item in enumerate(items):
            before = len(faults)
            if type(item) is dict:
                self.walk(item, faults)
            else:
                faults.append(not_an_object(item))
            prefix(faults, before, f"contained[{index}]")


@cache
def shapes() -> Shapes:
    """All shapes, compiled once."""
    return Shapes(load())


def _with_extensions(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset([*names, *(f"_{name}" for name in names)])


def _nothing(value: Any, node: Node, faults: list[Fault]) -> None:
    """The resource type was looked at before the walk."""


def _narrative(value: Any, node: Node, faults: list[Fault]) -> None:
    if type(value) is not str:
        faults.append(Fault("This must be a string of XHTML", "structure", "div"))
        return
    for text in narrative.faults_of(value):
        faults.append(Fault(text, "structure" if text == narrative.NOT_XHTML else "invariant", "div"))
