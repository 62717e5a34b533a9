"""What follows when another service asks for an Observation."""

from __future__ import annotations

from cohort_service.domain.requested_observation import is_newer
from tandem.events.event import Event
from tandem.service import Work


async def put_requested_observation(event: Event, work: Work) -> None:
    """Put the Observation under the id that was asked for, once, and never an older one over a newer."""
    asked = (event.data or {})["observation"]
    if event.patient is not None and is_newer(asked, await work.read("Observation", asked["id"])):
        await work.put(asked)
