"""What a run knew of: how far the follower of the log had come when it began."""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.events.follower_cursor import cursor_name


async def known_to(connection: Connection) -> int:
    """The position in the log up to which every record is in the facts; 0 while nothing has been followed."""
    position: int | None = await connection.fetchval(
        "SELECT position FROM cursor WHERE name = $1", cursor_name("facts")
    )
    return position or 0
