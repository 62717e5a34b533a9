"""The generated structure of the R4 types Tandem owns: elements, required codes, reference targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from tandem.fhir.body import decode


@dataclass(frozen=True, slots=True)
class Concept:
    """A required binding of a CodeableConcept: its code system and codes."""

    system: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON member of a type.

    `name` is the JSON name (`valueQuantity`), `segment` the FHIRPath one (`value`), `type` a type of the tables, a
    primitive, or `Resource`. `siblings` are the JSON names of the same choice, itself among them.
    """

    name: str
    segment: str
    type: str
    required: bool
    repeats: bool
    siblings: tuple[str, ...]
    codes: frozenset[str] | None
    concept: Concept | None
    targets: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Type:
    """A resource type, a data type or a backbone element (by its path, e.g. `Task.input`)."""

    path: str
    is_resource: bool
    elements: dict[str, Element]


@dataclass(frozen=True, slots=True)
class Tables:
    """All types by path, and the names of every R4 resource type."""

    types: dict[str, Type]
    resource_types: frozenset[str]


@cache
def load() -> Tables:
    """The tables, read once from `tables.json` beside this file."""
    text = resources.files(__package__).joinpath("tables.json").read_bytes()
    source = decode(text)
    types = {path: _type(path, source) for path in source["types"]}
    types |= {base: Type(base, "Resource" in base, _based(base, source)) for base in source["bases"]}
    return Tables(types, frozenset(source["resources"].split()))


def _type(path: str, source: dict[str, Any]) -> Type:
    row = source["types"][path]
    elements = _based(row["base"], source)
    for name, kind in row["elements"].items():
        elements |= {element.name: element for element in _elements(path, name, kind, source)}
    return Type(path, "Resource" in row["base"], elements)


def _based(base: str, source: dict[str, Any]) -> dict[str, Element]:
    rows = source["bases"][base].items()
    return {element.name: element for name, kind in rows for element in _elements(base, name, kind, source)}


def _elements(path: str, name: str, kind: str, source: dict[str, Any]) -> Iterator[Element]:
    key = f"{path}.{name}"
    codes, targets, concept = source["codes"].get(key), source["targets"].get(key), source["concepts"].get(key)
    base = kind.rstrip("*!")
    kinds = source["open"].split() if base == "" else base.split("|")
    segment = name.removesuffix("[x]")
    names = [name] if segment == name else [segment + _suffix(one) for one in kinds]
    for member, one in zip(names, kinds, strict=True):
        yield Element(
            name=member, segment=segment, type=one, required="!" in kind,
            repeats=kind.endswith("*") and base != "", siblings=tuple(names),
            codes=frozenset(codes.split()) if codes else None,
            concept=Concept(concept["system"], frozenset(concept["codes"].split())) if concept else None,
            targets=frozenset(targets.split()) if targets and one == "Reference" else None,
        )  # fmt: skip


def _suffix(kind: str) -> str:
    # SimpleQuantity is a profile: its JSON name is that of Quantity.
    return "Quantity" if kind == "SimpleQuantity" else kind[0].upper() + kind[1:]
