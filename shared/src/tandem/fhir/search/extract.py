"""A resource's rows for the search tables, by paths that are compiled once for each type."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from tandem import canonical
from tandem.fhir.body import Resource
from tandem.fhir.search.emit import Emit, emitter
from tandem.fhir.search.index_rows import IndexRows, Sink
from tandem.fhir.search.parameters import PARAMETERS

_STEP = re.compile(r"([A-Za-z]+)(?:\[(\w+)=([^\]]+)\])?")


class _Node:
    """An element of the type: what to store of its value, and which of its own elements to look at."""

    __slots__ = ("below", "emits")

    def __init__(self) -> None:
        self.emits: list[Emit] = []
        self.below: dict[tuple[str, str | None, str | None], _Node] = {}


# (element name, member that must hold, its value, what to store, what is below)
_Plan = tuple[tuple[str, str | None, str | None, tuple[Emit, ...], Any], ...]


def extract(
    resource_type: str, resource: Resource, *, resolved_patient: str | None = None, base: str | None = None
) -> IndexRows:
    """The rows of one resource.

    `resolved_patient` is `Patient/{id}` where the resource names its patient by NHS number alone: it is stored for
    the `patient` and `subject` parameters too. References below `base` are stored as relative ones.
    Raises KeyError for a type that no service keeps, FhirError(INVALID) for a date that is none.
    """
    out = Sink(resolved_patient, base)
    _walk(_plan(resource_type), resource, out)
    if resource_type == "Patient" and "deceasedBoolean" not in resource and "deceasedDateTime" not in resource:
        # R4 reads `deceased` as "exists and is not false", so it is never missing.
        out.tokens.append((PARAMETERS["Patient"]["deceased"].number, None, "false"))
    return out.rows()


def _walk(plan: _Plan, element: dict[str, Any], out: Sink) -> None:
    for name, member, wanted, emits, below in plan:
        value = element.get(name)
        if value is None:
            continue
        for one in value if type(value) is list else (value,):
            if member is not None and (type(one) is not dict or one.get(member) != wanted):
                continue
            for emit in emits:
                emit(one, out)
            if below and type(one) is dict:
                _walk(below, one, out)


@cache
def _plan(resource_type: str) -> _Plan:
    root = _Node()
    for parameter in PARAMETERS[resource_type].values():
        for path in parameter.paths:
            path, _, only = path.partition(":")
            node = root
            for step in path.split("."):
                node = node.below.setdefault(_step(step), _Node())
            node.emits.append(emitter(parameter, only or None))
    return _frozen(root)


def _step(step: str) -> tuple[str, str | None, str | None]:
    found = _STEP.fullmatch(step)
    if found is None:
        raise ValueError(f"not an element path: {step}")
    name, member, wanted = found.groups()
    if wanted is not None and wanted.startswith("@"):
        wanted = str(getattr(canonical, wanted[1:]))
    return name, member, wanted


def _frozen(node: _Node) -> _Plan:
    return tuple((*step, tuple(below.emits), _frozen(below)) for step, below in node.below.items())
