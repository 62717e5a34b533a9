"""When what a net waits for falls due."""

from __future__ import annotations

from referral_service.safety_nets.keep_net import chase_what_fell_due
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.service import Work


class NetIsHeld(Exception):
    """Another transaction writes this request just now; the timed event is to be tried again."""


async def net_fell_due(event: Event, work: Work) -> None:
    """Chase what is late. Raises NetIsHeld: it must not wait, for whoever holds the request may wait for this timer."""
    request = str((event.data or {})["request"])
    await _try_to_hold(work.connection, request)
    await chase_what_fell_due(work, request)


async def _try_to_hold(connection: Connection, request: str) -> None:
    if connection.dialect != "postgresql":
        return
    named = "FROM resource WHERE type = 'ServiceRequest' AND id = $1"
    free = await connection.fetchval(f"SELECT 1 {named} FOR UPDATE SKIP LOCKED", request)
    if free is None and await connection.fetchval(f"SELECT 1 {named}", request) is not None:
        raise NetIsHeld
