"""Where somebody is registered, as the service heard of it."""

from __future__ import annotations

from tandem.database.connection import Connection


async def registered_practice(connection: Connection, patient: str) -> str | None:
    """The code of the practice; None when it is not known here, or there is none."""
    found: str | None = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", patient)
    return found
