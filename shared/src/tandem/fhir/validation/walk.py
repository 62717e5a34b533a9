"""Our own checks of a resource, in one walk over its JSON."""

from __future__ import annotations

from typing import Any, TypeGuard

from tandem.fhir.outcome import Issue
from tandem.fhir.validation import contained, control_characters
from tandem.fhir.validation.fault import Fault, issues_of
from tandem.fhir.validation.references import resolve_local
from tandem.fhir.validation.resource_shapes import Shapes
from tandem.fhir.validation.tables import load


def issues(shapes: Shapes, resource: dict[str, Any], raw: bytes) -> list[Issue]:
    """Every fault of a resource. `raw` is the JSON text of it."""
    name = resource.get("resourceType")
    if not is_type(name):
        return [Issue("This is not the name of an R4 resource type", "Resource.resourceType", "structure")]
    faults: list[Fault] = []
    shapes.walk(resource, faults)
    if "contained" in resource:
        contained.check(resource, faults)
    faults += control_characters.find(resource, raw)
    return issues_of(name, resolve_local(faults, resource)) if faults else []


def is_type(name: object) -> TypeGuard[str]:
    """Whether this names an R4 resource type."""
    return isinstance(name, str) and name in load().resource_types
