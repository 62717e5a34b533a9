"""The generated tables say what R4 says: beside the published code lists, search parameters and a second engine."""

from __future__ import annotations

import json
import re
from collections import deque
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.validation import generate
from tandem.fhir.validation.invariants import INVARIANTS
from tandem.fhir.validation.tables import Element, Type, load

TYPES = load().types
BASES = ("Element", "BackboneElement", "Resource", "DomainResource")
# Search parameters shared by many types name targets that not each of their elements has.
SHARED_PARAMETERS = {"Condition.subject", "Consent.patient", "Observation.encounter", "ServiceRequest.encounter"}
Route = list[tuple[str, bool]]


def routes() -> dict[str, tuple[str, Route]]:
    """How to reach every type of the tables from a resource type: member names and whether they repeat."""
    found: dict[str, tuple[str, Route]] = {name: (name, []) for name in (*OWNER, *KERNEL_TYPES)}
    queue = deque(found)
    while queue:
        path = queue.popleft()
        root, steps = found[path]
        for element in TYPES[path].elements.values():
            if element.type in TYPES and element.type not in (*found, *BASES):
                found[element.type] = (root, [*steps, (element.name, element.repeats)])
                queue.append(element.type)
    return found


ROUTES = routes()


def embedded(path: str, node: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Where fhirkit sees the node of a type, and what it says of it: path below that place, and message."""
    root, steps = ROUTES[path]
    for name, repeats in reversed(steps):
        node = {name: [node] if repeats else node}
    place = root + "".join(f".{name}[0]" if repeats else f".{name}" for name, repeats in steps)
    found = fhirkit.validate(json.dumps({**node, "resourceType": root}))
    return place, [
        (issue.path.removeprefix(f"{place}."), issue.message) for issue in found if issue.path.startswith(f"{place}.")
    ]


def wrong(element: Element) -> Any:
    return "x" if element.repeats else ["x"]


def test_every_type_is_reached() -> None:
    assert set(TYPES) - set(ROUTES) == set(BASES)


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_elements_and_cardinalities_are_those_of_the_other_engine(path: str) -> None:
    for element in TYPES[path].elements.values():
        _, said = embedded(path, {element.name: wrong(element)})
        own = [message for name, message in said if name.removesuffix("[x]") in (element.name, element.segment)]
        assert not any("unknown" in message for message in own), element.name
        assert any("array" in message for message in own), element.name


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_required_elements_are_those_of_the_other_engine(path: str) -> None:
    kind: Type = TYPES[path]
    _, said = embedded(path, {"id": "x"})
    theirs = {name.removesuffix("[x]") for name, message in said if "required" in message and "." not in name}
    assert theirs == {element.segment for element in kind.elements.values() if element.required}


def test_required_codes_are_those_published(shared_data: Path) -> None:
    published: dict[str, list[str]] = json.loads((shared_data / "r4-spec" / "required-codes.json").read_text())
    ours = {
        f"{path}.{element.segment}": element.codes or (element.concept and element.concept.codes)
        for path, kind in TYPES.items()
        for element in kind.elements.values()
        if element.codes or element.concept
    }
    of_our_types = {key: frozenset(codes) for key, codes in published.items() if key.rsplit(".", 1)[0] in TYPES}
    assert ours == of_our_types


def test_reference_targets_are_those_of_the_search_parameters(shared_data: Path) -> None:
    parameters = json.loads((shared_data / "r4-spec" / "search-params-by-type.json").read_text())
    compared = 0
    for name, listed in parameters.items():
        for parameter in listed if name in TYPES else ():
            if parameter["type"] != "reference":
                continue
            for path in re.split(r"\s*\|\s*", parameter["expression"] or ""):
                element = at(path) if re.fullmatch(rf"{name}(\.\w+)+", path) else None
                if element is None or element.type != "Reference" or path in SHARED_PARAMETERS:
                    continue
                if element.targets is None:
                    assert len(parameter["target"]) > 100, path
                else:
                    assert element.targets == set(parameter["target"]), path
                compared += 1
    assert compared > 90


def at(path: str) -> Element | None:
    """The Reference element that a FHIRPath of element names leads to."""
    root, *segments = path.split(".")
    found = None
    kind: Type | None = TYPES.get(root)
    for segment in segments:
        choices = [one for one in kind.elements.values() if one.segment == segment] if kind else []
        found = next((one for one in choices if one.type == "Reference"), choices[0] if choices else None)
        kind = TYPES.get(found.type) if found else None
    return found


def test_every_invariant_belongs_to_a_type_of_the_tables() -> None:
    assert set(INVARIANTS) <= set(TYPES)
    names = {(path, rule.path[-1]) for path, rules in INVARIANTS.items() for rule in rules if rule.path}
    assert not [pair for pair in names if pair[1] not in {one.segment for one in TYPES[pair[0]].elements.values()}]


def test_the_table_file_is_what_the_generator_makes() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.text_of(generate.tables())
