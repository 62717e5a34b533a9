"""Whether an Observation that another service asks for is newer than the one that is held (PC-061)."""

from __future__ import annotations

from tandem.fhir.body import Resource


def is_newer(asked: Resource, held: Resource | None) -> bool:
    """Events of two versions of what it was read from may come in either order; `derivedFrom` says which it was."""
    return held is None or _version(asked) > _version(held)


def _version(observation: Resource) -> int:
    references = [str(each.get("reference")) for each in observation.get("derivedFrom") or ()]
    return max((int(text.rpartition("/_history/")[2]) for text in references if "/_history/" in text), default=0)
