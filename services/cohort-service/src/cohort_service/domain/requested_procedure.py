"""Whether a Procedure that another service asks for is newer than the one that is held (SMR-039)."""

from __future__ import annotations

from tandem.fhir.body import Resource


def is_newer(asked: Resource, held: Resource | None) -> bool:
    """Events of two versions of what reports it may come in either order; `report` says which version it was."""
    return held is None or _version(asked) > _version(held)


def _version(procedure: Resource) -> int:
    references = [str(each.get("reference")) for each in procedure.get("report") or ()]
    return max((int(text.rpartition("/_history/")[2]) for text in references if "/_history/" in text), default=0)
