"""The entries of a message and the references between them.

Senders name entries by `urn:uuid:` addresses, by the bare identifier of one, or by type and id; all are understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind

MOST = 200
_URN = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class MessageEntries:
    """Resources in the order of the Bundle, and each by every name that it may be called."""

    resources: tuple[Resource, ...]
    names: dict[str, int]

    @classmethod
    def of(cls, bundle: Resource) -> MessageEntries:
        """The entries. Raises FhirError 400 for what is no entry, for two of one name, and for too many."""
        given = bundle.get("entry")
        entries = given if isinstance(given, list) else []
        if len(entries) > MOST:
            raise FhirError(Kind.BAD_REQUEST, f"A message has {MOST} entries at most", expression="Bundle.entry")
        resources: list[Resource] = []
        names: dict[str, int] = {}
        for number, entry in enumerate(entries):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
                raise FhirError(Kind.BAD_REQUEST, "An entry has no resource", expression=f"Bundle.entry[{number}]")
            resources.append(resource)
            for name in _names(entry.get("fullUrl"), resource):
                if names.setdefault(name, number) != number:
                    text = "Two entries have one name"
                    raise FhirError(Kind.BAD_REQUEST, text, expression=f"Bundle.entry[{number}].fullUrl")
        return cls(tuple(resources), names)

    @property
    def first(self) -> Resource | None:
        """The first entry."""
        return self.resources[0] if self.resources else None

    def target(self, reference: dict[str, Any]) -> Resource | None:
        """The entry that a Reference names."""
        number = self.number(reference)
        return self.resources[number] if number is not None else None

    def number(self, reference: dict[str, Any]) -> int | None:
        """The place of the entry that a Reference names."""
        named = reference.get("reference")
        if not isinstance(named, str):
            return None
        return self.names.get(named, self.names.get(_URN + named))


def _names(full_url: Any, resource: Resource) -> Iterator[str]:
    if isinstance(full_url, str) and full_url:
        yield full_url
    if isinstance(resource.get("id"), str):
        yield f"{resource['resourceType']}/{resource['id']}"
