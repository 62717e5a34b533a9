"""What a figure rests on: how far each log has been taken in."""

from __future__ import annotations

from datetime import datetime

from metrics_service.measures.report import Rests
from tandem.database.connection import Connection
from tandem.events.inbox_tables import cursor_name


async def rests_on(connection: Connection, now: datetime) -> Rests:
    """Positions by service, and how many events wait for a version that is missing."""
    prefix = cursor_name("")
    rows = await connection.fetch("SELECT name, position FROM cursor")
    positions = {row["name"].removeprefix(prefix): row["position"] for row in rows if row["name"].startswith(prefix)}
    waiting = await connection.fetchval("SELECT COUNT(*) FROM parked")
    return Rests(positions, waiting, now)
