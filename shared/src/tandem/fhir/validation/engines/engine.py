"""What a structural engine is."""

from __future__ import annotations

from typing import Protocol

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue


class Engine(Protocol):
    """Checks the structure of a resource against the definitions of R4.

    An engine quotes no value in its issues and raises nothing, whatever the resource.
    """

    def issues(self, resource: Resource, raw: bytes) -> list[Issue]:
        """The structural faults; `raw` is the JSON text of `resource`."""
        ...
