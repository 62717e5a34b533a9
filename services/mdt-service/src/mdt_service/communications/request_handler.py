"""What follows when another service asks for a Communication."""

from __future__ import annotations

import asyncio

from mdt_service.communications.letter_templates import letter_templates
from mdt_service.domain.invitations.requested_communication import requested_communication
from tandem.events.event import Event
from tandem.service import Work


async def create_requested_communication(event: Event, work: Work) -> None:
    """Keep the letter under the id that was asked for, once."""
    asked = event.data or {}
    if event.patient is None or await work.read("Communication", asked["communication"]) is not None:
        return
    # Setting a letter takes a tenth of a second of computing; the other requests of the process go on meanwhile.
    letter = await asyncio.to_thread(requested_communication, asked, event.patient, letter_templates())
    await work.put(letter)
