"""The sub-extensions of a complex extension (http://hl7.org/fhir/R4/extensibility.html), by their url."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource

Parts = dict[str, list[Any]]


def parts_of(resource: Resource | None, url: str) -> Parts | None:
    """Values of the first extension of this url, by the name of the sub-extension; None when there is none."""
    for extension in (resource or {}).get("extension") or ():
        if extension.get("url") == url:
            found: Parts = {}
            for part in extension.get("extension") or ():
                value = next((each for name, each in part.items() if name.startswith("value")), None)
                if value is not None:
                    found.setdefault(str(part.get("url")), []).append(value)
            return found
    return None


def text_of(parts: Parts | None, name: str) -> str | None:
    """The first value, when it is a text that is not blank."""
    value: Any = next(iter((parts or {}).get(name) or [None]))
    return value.strip() if isinstance(value, str) and value.strip() else None


def texts_of(parts: Parts | None, name: str) -> list[str]:
    """All values that are texts."""
    return [each for each in (parts or {}).get(name, ()) if isinstance(each, str)]


def with_extension(resource: Resource, url: str, parts: list[tuple[str, str, Any]]) -> Resource:
    """The resource with one extension of this url, of (name, type of value, value); an earlier one is replaced."""
    others = [each for each in resource.get("extension") or () if each.get("url") != url]
    inner = [{"url": name, f"value{kind}": value} for name, kind, value in parts]
    return {**resource, "extension": [*others, {"url": url, "extension": inner}]}
