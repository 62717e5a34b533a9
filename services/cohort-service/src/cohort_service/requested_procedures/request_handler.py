"""What follows when another service asks for a Procedure, such as a completed medication review."""

from __future__ import annotations

from cohort_service.domain.requested_procedure import is_newer
from tandem.events.event import Event
from tandem.service import Work


async def put_requested_procedure(event: Event, work: Work) -> None:
    """Put the Procedure under the id that was asked for, once, and never an older one over a newer."""
    asked = (event.data or {})["procedure"]
    if event.patient is not None and is_newer(asked, await work.read("Procedure", asked["id"])):
        await work.put(asked)
