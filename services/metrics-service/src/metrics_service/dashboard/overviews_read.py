"""Which organisations' overviews are read: those are worth counting before somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from metrics_service.measures.area import Area
from tandem.database.connection import Database

_LATELY: Final = timedelta(days=14)
_MOST: Final = 50
_READ = (
    "INSERT INTO overview_read (organisation, kind, last_read) VALUES ($1, $2, $3) ON CONFLICT (organisation)"
    " DO UPDATE SET kind = excluded.kind, last_read = excluded.last_read WHERE overview_read.last_read < $3"
)
_LATELY_READ = (
    "SELECT organisation, kind FROM overview_read WHERE last_read >= $1 ORDER BY last_read DESC, organisation LIMIT $2"
)


@dataclass(frozen=True, slots=True)
class Read:
    """An organisation whose overview was read: its code and kind."""

    organisation: str
    kind: str


async def note_read(database: Database, area: Area, today: date) -> None:
    """Note that the overview of this organisation was read today."""
    async with database.read() as connection:
        known = "SELECT last_read FROM overview_read WHERE organisation = $1"
        if await connection.fetchval(known, area.code) == today.toordinal():
            return
    async with database.transaction() as connection:
        await connection.execute(_READ, area.code, area.kind, today.toordinal())


async def lately_read(database: Database, today: date) -> list[Read]:
    """Those of the last two weeks, the latest first, and not too many."""
    async with database.read() as connection:
        rows = await connection.fetch(_LATELY_READ, (today - _LATELY).toordinal(), _MOST)
    return [Read(row["organisation"], row["kind"]) for row in rows]
