"""The engine on fhir.resources: the pydantic models of R4B, read as R4.

The models differ from R4 in both directions about the form of values (dates, UUIDs, base64, numbers) and about choices
given by an extension alone. Our own tables are exact about those, so of what the models say about a type in the tables
only the structure is kept: unknown elements, missing ones, and the wrong kind of JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from tandem.fhir.body import Resource, encode
from tandem.fhir.outcome import Issue
from tandem.fhir.validation.expression import element_of, expression_of
from tandem.fhir.validation.fault import MAX_ISSUES
from tandem.fhir.validation.tables import load

_UNKNOWN = "extra_forbidden"
_REQUIRED = ("This element is required", "required")
_KIND = ("This is not the kind of JSON that R4 has here", "structure")
_TRUSTED = {
    _UNKNOWN: ("R4 has no such element here", "structure"),
    "missing": _REQUIRED,
    "model_field_validation.missing": _REQUIRED,
    "list_type": _KIND,
    "dict_type": _KIND,
    "model_type": _KIND,
    "model_attributes_type": _KIND,
    "string_type": _KIND,
    "int_type": _KIND,
    "bool_type": _KIND,
}
_OTHER = ("The value is not one that R4 allows here", "value")
_UNREADABLE = "The structure cannot be read as that of R4"


class Models:
    """`Engine` on fhir.resources."""

    def issues(self, resource: Resource, raw: bytes) -> list[Issue]:
        name = resource.get("resourceType")
        found = list(_check(resource, str(name)))
        contained = resource.get("contained")
        for index, item in enumerate(contained if isinstance(contained, list) else ()):
            # One by one: the model of a resource knows no contained types but those of its own release.
            if isinstance(item, dict):
                found += _check(item, f"{name}.contained[{index}]")
        return found


def _check(resource: Resource, root: str) -> Iterator[Issue]:
    model = _model_of(resource.get("resourceType"))
    if model is None:
        return
    alone = {name: value for name, value in resource.items() if name != "contained"}
    try:
        # As JSON text: a Decimal such as 1E+999999999 given as such would be made an int, and that takes minutes.
        model.model_validate_json(encode(alone))
    except ValidationError as error:
        yield from _issues(error, root, resource)
    except Exception:
        # The models' own validators fail on hostile JSON in ways that pydantic does not turn into a ValidationError;
        # what cannot be read is refused, never a failure of the server.
        yield Issue(_UNREADABLE, root, "structure")


def _issues(error: ValidationError, root: str, resource: Resource) -> Iterator[Issue]:
    kind = resource["resourceType"]
    default = None if kind in load().types else _OTHER
    for one in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ISSUES]:
        told = _TRUSTED.get(one["type"], default)
        if told is None:
            continue
        path = kind + "".join(_steps(one["loc"]))
        if one["type"] == _UNKNOWN and element_of(path, resource):
            # R4 does have it: valueMeta and _value[x] of an Extension, which the models leave out.
            continue
        yield Issue(told[0], root + expression_of(path, resource).removeprefix(kind), told[1])


def _steps(location: tuple[int | str, ...]) -> Iterator[str]:
    for step in location:
        yield f"[{step}]" if isinstance(step, int) else f".{step}"


def _model_of(name: Any) -> Any:
    """The R4B model of an R4 resource type; None for the few types that R4B renamed or dropped."""
    if not isinstance(name, str) or name not in load().resource_types:
        return None
    try:
        return get_fhir_model_class(name)
    except (KeyError, ValueError):
        return None
