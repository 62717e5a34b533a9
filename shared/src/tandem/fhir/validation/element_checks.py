"""The checks of single members: primitive or complex, once or repeating. Each is a closure made once per element."""

from __future__ import annotations

from typing import Any

from tandem.fhir.validation import references
from tandem.fhir.validation.fault import Fault, prefix
from tandem.fhir.validation.primitives import TESTS, Test, explain
from tandem.fhir.validation.shape import SINGLE, Check, Node, Shape
from tandem.fhir.validation.tables import Concept, Element

_NOT_AN_ARRAY = "This element repeats and must be an array"
_EMPTY_ARRAY = "An array must not be empty; leave the element out instead"
_NULL = "A null in an array needs an extension in its place"
_MAX_LISTED = 16


def primitive(element: Element) -> Check:
    """The check of a primitive member that stands once."""
    segment, test, kind, codes = element.segment, _test_of(element), element.type, element.codes

    def check(value: Any, node: Node, faults: list[Fault]) -> None:
        if not test(value):
            faults.append(_wrong_value(value, kind, codes, segment))

    return check


def primitives(element: Element) -> Check:
    """The check of a primitive member that repeats; a null must have an extension at its index."""
    segment, test, kind, codes = element.segment, _test_of(element), element.type, element.codes
    partner = f"_{element.name}"

    def check(values: Any, node: Node, faults: list[Fault]) -> None:
        if type(values) is not list or not values:
            faults.append(_no_array(values, segment))
            return
        for index, value in enumerate(values):
            if test(value):
                continue
            if value is None:
                if not isinstance(_at(node.get(partner), index), dict):
                    faults.append(Fault(_NULL, "structure", f"{segment}[{index}]"))
            else:
                faults.append(_wrong_value(value, kind, codes, f"{segment}[{index}]"))

    return check


def extension_of(element: Element, shape: Shape) -> Check:
    """The check of `_name` beside a primitive `name` that stands once."""
    segment = element.segment

    def check(value: Any, node: Node, faults: list[Fault]) -> None:
        before = len(faults)
        # An id alone is enough beside a value, and too little without one (ele-1).
        if type(value) is dict and len(value) == 1 and "id" in value and element.name in node:
            shape.checks["id"](value["id"], value, faults)
        else:
            shape.walk(value, faults)
        prefix(faults, before, segment)

    return check


def extensions_of(element: Element, shape: Shape) -> Check:
    """The check of `_name` beside a primitive `name` that repeats: as long as it, null where nothing is to say."""
    segment, name = element.segment, element.name

    def check(values: Any, node: Node, faults: list[Fault]) -> None:
        if type(values) is not list or not values:
            faults.append(_no_array(values, segment))
            return
        partner = node.get(name)
        if isinstance(partner, list) and len(partner) != len(values):
            faults.append(Fault(f"{name} and _{name} must be of one length", "structure", segment))
        for index, value in enumerate(values):
            before = len(faults)
            if value is not None:
                if not (type(value) is dict and value.keys() == {"id"} and _at(partner, index) is not None):
                    shape.walk(value, faults)
            elif partner is None:
                faults.append(Fault(_NULL, "structure"))
            prefix(faults, before, f"{segment}[{index}]")

    return check


def complex_one(element: Element, shape: Shape) -> Check:
    """The check of a complex member that stands once."""
    segment, walk, concept = element.segment, shape.walk, element.concept
    is_reference, targets = element.type == "Reference", element.targets

    def check(value: Any, node: Node, faults: list[Fault]) -> None:
        before = len(faults)
        walk(value, faults)
        if is_reference:
            references.check(value, targets, faults)
        if concept is not None:
            _check_concept(value, concept, faults)
        if len(faults) != before:
            prefix(faults, before, segment)

    return check


def complex_many(element: Element, shape: Shape) -> Check:
    """The check of a complex member that repeats."""
    segment, walk = element.segment, shape.walk
    is_reference, targets = element.type == "Reference", element.targets

    def check(values: Any, node: Node, faults: list[Fault]) -> None:
        if type(values) is not list or not values:
            faults.append(_no_array(values, segment))
            return
        for index, value in enumerate(values):
            before = len(faults)
            walk(value, faults)
            if is_reference:
                references.check(value, targets, faults)
            if len(faults) != before:
                prefix(faults, before, f"{segment}[{index}]")

    return check


def only_one(element: Element, check: Check) -> Check:
    """The check of a member of a choice: as `check`, and no other type of the choice may stand beside it."""
    own = (element.name, f"_{element.name}")
    others = frozenset(name for one in element.siblings for name in (one, f"_{one}") if name not in own)

    def check_choice(value: Any, node: Node, faults: list[Fault]) -> None:
        check(value, node, faults)
        if not others.isdisjoint(node):
            faults.append(Fault("Only one type of value may be given here", "structure", element.segment))

    return check_choice


def _test_of(element: Element) -> Test:
    codes = element.codes
    if codes is None:
        return TESTS[element.type]
    return lambda value: type(value) is str and value in codes


def _wrong_value(value: Any, kind: str, codes: frozenset[str] | None, segment: str) -> Fault:
    if codes is None or not TESTS[kind](value):
        text, code = (SINGLE, "structure") if type(value) is list else explain(kind, value)
        return Fault(text, code, segment)
    listed = f": {', '.join(sorted(codes))}" if len(codes) <= _MAX_LISTED else ""
    return Fault(f"The code is not one of those required here{listed}", "code-invalid", segment)


def _no_array(values: Any, segment: str) -> Fault:
    return Fault(_EMPTY_ARRAY if values == [] else _NOT_AN_ARRAY, "structure", segment)


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None


def _check_concept(value: Any, concept: Concept, faults: list[Fault]) -> None:
    codings = value.get("coding") if type(value) is dict else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and coding.get("system") == concept.system:
            code = coding.get("code")
            if isinstance(code, str) and code in concept.codes:
                return
    text = f"A coding of {concept.system} is required here: {', '.join(sorted(concept.codes))}"
    faults.append(Fault(text, "code-invalid"))
