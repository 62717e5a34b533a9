"""An event as handlers see it: a committed change of a resource, or a fact of the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a service's log.

    `kind` is `fhir.<Type>.<create|update|delete>` or `tandem.<noun>.<past tense>`. `data` is the resource (None after
    a delete) or the fact. `author` is the organisation code of the writer, `granted` whether it had access to the
    patient when it wrote. `position` is the place in the log of `source`; None until the sequencer has given it.
    `practice` is the registered practice named beside a Patient when it was loaded.
    """

    id: str
    kind: str
    source: str
    time: datetime
    subject: str | None = None
    type: str | None = None
    resource_id: str | None = None
    version: int | None = None
    patient: str | None = None
    author: str | None = None
    granted: bool = True
    correlation: str | None = None
    position: int | None = None
    practice: str | None = None
    data: dict[str, Any] | None = None

    @property
    def action(self) -> str:
        """The last word of the kind: create, update, delete, or the verb of a domain event."""
        return self.kind.rsplit(".", 1)[-1]
