"""Contained resources: not nested, each with its own id, each referred to (dom-2 to dom-5, http://hl7.org/fhir/R4/references.html#contained)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.fhir.validation.fault import Fault

_VERSIONED = ("versionId", "lastUpdated")


def check(resource: dict[str, Any], faults: list[Fault]) -> None:
    """Add the faults of the resources contained in `resource`; their own content is the walk's to check."""
    contained = resource.get("contained")
    if not isinstance(contained, list):
        return
    named = set(_local_references(resource))
    seen: set[str] = set()
    for index, item in enumerate(contained):
        if isinstance(item, dict):
            segment = f"contained[{index}]"
            for text in [*_own_faults(item), *_id_faults(item, named, seen)]:
                faults.append(Fault(text, "invariant", segment))


def _own_faults(item: dict[str, Any]) -> Iterator[str]:
    if "contained" in item:
        yield "A contained resource must not contain another (dom-2)"
    meta = item.get("meta")
    if isinstance(meta, dict):
        if any(name in meta for name in _VERSIONED):
            yield "A contained resource must have no versionId and no lastUpdated (dom-4)"
        if "security" in meta:
            yield "A contained resource must have no security label (dom-5)"


def _id_faults(item: dict[str, Any], named: set[str], seen: set[str]) -> Iterator[str]:
    own = item.get("id")
    if not isinstance(own, str):
        yield "A contained resource must have an id"
        return
    if own in seen:
        yield "The ids of contained resources must differ"
    seen.add(own)
    if f"#{own}" not in named and "#" not in set(_local_references(item)):
        yield "A contained resource must be referred to from the resource, or refer to it (dom-3)"


def _local_references(value: Any) -> Iterator[str]:
    level = [value]
    while level:
        node = level.pop()
        if isinstance(node, str):
            if node[:1] == "#":
                yield node
        elif isinstance(node, dict):
            level += node.values()
        elif isinstance(node, list):
            level += node
