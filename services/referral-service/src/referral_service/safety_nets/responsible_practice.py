"""Who answers for a net: the practice that the person is registered with, and the network it is a member of."""

from __future__ import annotations

from datetime import datetime

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.identity.registered_practice import registered_practice


async def network_of(connection: Connection, practice: str | None, now: datetime) -> str | None:
    """The code of the network that a practice is a member of now."""
    if practice is None:
        return None
    # A commissioner holds memberships too: the network is the one whose holder is a network.
    found: str | None = await connection.fetchval(
        "SELECT s.holder FROM membership s JOIN organisation o ON o.code = s.holder AND o.kind = 'network'"
        " WHERE s.member = $1 AND s.starts <= $2 AND s.ends > $2 ORDER BY s.starts DESC, s.holder LIMIT 1",
        practice, to_micros(now),
    )  # fmt: skip
    return found


async def owner_of(connection: Connection, request: str, patient: str) -> str:
    """The code of who owns the net: the practice, or whoever wrote the request while there is none."""
    practice = await registered_practice(connection, patient)
    if practice is not None:
        return practice
    author: str = await connection.fetchval("SELECT author FROM safety_net WHERE request = $1", request)
    return author
