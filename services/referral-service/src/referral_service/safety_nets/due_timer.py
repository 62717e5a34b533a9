"""When what a net waits for falls due."""

from __future__ import annotations

from referral_service.safety_nets.keep_net import chase_what_fell_due
from tandem.events.event import Event
from tandem.fhir.store import hold_if_free
from tandem.service import Work


class NetIsHeld(Exception):
    """Another transaction writes this request just now; the timed event is to be tried again."""


async def net_fell_due(event: Event, work: Work) -> None:
    """Chase what is late. Raises NetIsHeld: it must not wait, for whoever holds the request may wait for this timer."""
    request = str((event.data or {})["request"])
    if not await hold_if_free(work.connection, "ServiceRequest", request):
        raise NetIsHeld
    await chase_what_fell_due(work, request)
