"""Every event about what measures count is folded into its fact."""

from __future__ import annotations

from metrics_service.domain.shared_care_facts import COUNTED_EVENTS, COUNTED_TYPES, said_by
from metrics_service.fact_rows import fold
from tandem.events.event import Event
from tandem.service import Work

KINDS = (*(f"fhir.{name}.*" for name in COUNTED_TYPES), *COUNTED_EVENTS)


async def keep_fact(event: Event, work: Work) -> None:
    """Take in what the event says."""
    said = said_by(event)
    if said is not None:
        await fold(work.connection, said, event.source, event.position)
