"""References: their form, and whether they name a type the element allows (http://hl7.org/fhir/R4/references.html)."""

from __future__ import annotations

import re
from typing import Any

from tandem.fhir.validation.fault import Fault, LocalReference
from tandem.fhir.validation.tables import load

_literal = re.compile(
    r"(?:https?://[^\s?#]+/)?(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
).fullmatch
_absolute = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+").fullmatch
_conditional = re.compile(r"[A-Z][A-Za-z]+\?\S*").fullmatch
_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"


def check(node: Any, targets: frozenset[str] | None, faults: list[Fault]) -> None:
    """Check one Reference; `targets` are the allowed resource types, None for any. Paths start at the Reference."""
    if type(node) is not dict:
        return
    text = node.get("reference")
    named = _check_literal(text, targets, faults) if type(text) is str and text else None
    kind = node.get("type")
    if kind is not None:
        _check_type(kind, named, targets, faults)


def _check_literal(text: str, targets: frozenset[str] | None, faults: list[Fault]) -> str | None:
    found = _literal(text)
    if found is not None:
        named = found["type"]
        if named in load().resource_types:
            if targets is not None and named not in targets:
                faults.append(_wrong_target(targets, "reference"))
            return named
        if text.startswith("http"):
            return None
    if text[0] == "#":
        faults.append(LocalReference(text[1:], targets))
    elif _conditional(text):
        faults.append(Fault("A conditional reference can stand only in a transaction", "value", "reference"))
    elif _absolute(text) is None:
        message = "A reference must be Type/id with an R4 resource type, an absolute URL, a urn: or #id"
        faults.append(Fault(message, "value", "reference"))
    return None


def _check_type(kind: Any, named: str | None, targets: frozenset[str] | None, faults: list[Fault]) -> None:
    if type(kind) is not str:
        return
    bare = kind.removeprefix(_DEFINITION)
    if bare not in load().resource_types:
        # A URL of a logical model is allowed; a bare word must be a resource type.
        if _absolute(kind) is None:
            faults.append(Fault("This must be the name of an R4 resource type", "code-invalid", "type"))
    elif named is not None and named != bare:
        faults.append(Fault("The type is not the one that the reference names", "value", "type"))
    elif named is None and targets is not None and bare not in targets:
        faults.append(_wrong_target(targets, "type"))


def _wrong_target(targets: frozenset[str], *path: str) -> Fault:
    return Fault(f"The reference must be to one of: {', '.join(sorted(targets))}", "value", *path)


def resolve_local(faults: list[Fault], resource: dict[str, Any]) -> list[Fault]:
    """The faults without those local references that do resolve within `resource` to an allowed type."""
    if not any(type(fault) is LocalReference for fault in faults):
        return faults
    types = {"": resource.get("resourceType")}
    contained = resource.get("contained")
    for item in contained if isinstance(contained, list) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            types[item["id"]] = item.get("resourceType")
    kept: list[Fault] = []
    for fault in faults:
        if not isinstance(fault, LocalReference) or fault.id not in types:
            kept.append(fault)
        elif fault.targets is not None and types[fault.id] not in fault.targets:
            wrong = _wrong_target(fault.targets)
            wrong.path = fault.path
            kept.append(wrong)
    return kept
