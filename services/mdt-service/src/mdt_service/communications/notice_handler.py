"""What follows when another service asks that professionals be told something."""

from __future__ import annotations

from mdt_service.domain.notices.requested_notice import requested_notice
from tandem.events.event import Event
from tandem.service import Work


async def create_requested_notice(event: Event, work: Work) -> None:
    """Keep the notice under the id that was asked for, once."""
    asked = event.data or {}
    if event.patient is None or await work.read("Communication", asked["communication"]) is not None:
        return
    await work.put(requested_notice(asked, event.patient))
