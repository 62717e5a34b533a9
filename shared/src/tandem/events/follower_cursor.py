"""How far a follower is: its cursor in the log of its own service, and what waits in its backlog."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.database.connection import Connection
from tandem.service import Follower

BATCH = 500
"""So many changes at most are taken in one transaction."""


def cursor_name(follower: str) -> str:
    """The name of a follower's cursor in the log of its own service."""
    return f"follow:{follower}"


async def restart(connection: Connection, follower: str) -> None:
    """Have a follower begin at the beginning of the log again, once this transaction has committed."""
    await connection.execute("DELETE FROM cursor WHERE name = $1", cursor_name(follower))


async def backlog_of(connection: Connection, followers: Sequence[Follower]) -> dict[str, int]:
    """How many changes wait in the backlog of each follower that has one, counted up to one batch."""
    return {
        each.name: len(await each.backlog.waiting(connection, BATCH)) for each in followers if each.backlog is not None
    }
