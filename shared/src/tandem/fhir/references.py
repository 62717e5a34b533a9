"""References between the entries of a Bundle: `urn:uuid:` names and conditional references (http://hl7.org/fhir/R4/http.html#trules)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.fhir.body import Resource

_PLAIN = frozenset(("value", "valueString", "id", "resourceType"))
"""Members whose text is no link."""
_CONTAINERS = (dict, list)


def replace_references(value: Any, names: dict[str, str]) -> Any:
    """The value with every string that is one of `names` replaced, wherever it stands (Reference.reference, uri, url).

    A fragment or version behind a name (`urn:uuid:…#x`) is not a name and stays; so does the `value` of an Identifier.
    """
    if isinstance(value, dict):
        return {
            key: child if key in _PLAIN and isinstance(child, str) else replace_references(child, names)
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [replace_references(child, names) for child in value]
    if isinstance(value, str):
        return names.get(value, value)
    return value


def references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every Reference.reference in a resource as (FHIRPath, text)."""
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str):
            yield f"{path}.reference", text
        for key, child in value.items():
            if isinstance(child, dict | list):
                yield from references(child, f"{path}.{key}")
    elif isinstance(value, list):
        for place, child in enumerate(value):
            yield from references(child, f"{path}[{place}]")


def dangling(resource: Resource) -> list[str]:
    """FHIRPaths of references to a `urn:` name that no entry of the Bundle carries."""
    if not any(map(_is_name, _texts(resource))):
        return []
    return [path for path, text in references(resource, resource["resourceType"]) if _is_name(text)]


def conditional(resource: Resource) -> list[tuple[str, str]]:
    """Conditional references (`Patient?identifier=…`) as (FHIRPath, text)."""
    if not any(map(_is_conditional, _texts(resource))):
        return []
    return [(path, text) for path, text in references(resource, resource["resourceType"]) if _is_conditional(text)]


def _texts(resource: Resource) -> list[str]:
    """The texts of `references` in no order: few records have one that matters, and then paths need not be made."""
    found: list[str] = []
    nodes: list[Any] = [resource]
    for node in nodes:
        if type(node) is dict:
            text = node.get("reference")
            if type(text) is str:
                found.append(text)
            nodes += [child for child in node.values() if type(child) in _CONTAINERS]
        elif type(node) is list:
            nodes += [child for child in node if type(child) in _CONTAINERS]
    return found


def _is_name(text: str) -> bool:
    return text.startswith(("urn:uuid:", "urn:oid:"))


def _is_conditional(text: str) -> bool:
    return "?" in text and not text.startswith(("http:", "https:", "#", "urn:"))
