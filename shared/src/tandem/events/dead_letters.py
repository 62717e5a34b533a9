"""Dead letters: events whose handlers failed too often, as `tandem events dead-letters` lists and replays them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.clock import from_micros
from tandem.database.connection import Database, Row
from tandem.events.envelope import decode
from tandem.events.realtime import Now, now_micros


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as it is shown: `id` is what `replay` takes, `error` the class of the last failure."""

    id: int
    consumer: str
    event_id: str
    kind: str
    source: str
    version: int | None
    attempts: int
    error: str | None
    parked: datetime


async def list_dead_letters(database: Database) -> list[DeadLetter]:
    """All dead letters of this service, oldest first. Nothing of their content is shown."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM parked WHERE state = 'dead' ORDER BY id")
    return [_letter(row) for row in rows]


async def replay(database: Database, ids: Sequence[int] | None = None, *, now: Now = now_micros) -> int:
    """Let these dead letters, or all, be tried again from the beginning; answers how many. The retry loop does it."""
    if ids is not None and not ids:
        return 0
    places = ", ".join(f"${number}" for number in range(2, 2 + len(ids or ())))
    chosen = "" if ids is None else f" AND id IN ({places})"
    sql = f"UPDATE parked SET state = 'retry', attempts = 0, next_at = $1 WHERE state = 'dead'{chosen}"
    async with database.transaction() as connection:
        return await connection.execute(sql, now(), *(ids or ()))


def _letter(row: Row) -> DeadLetter:
    event = decode(row["envelope"])
    return DeadLetter(
        row["id"], row["consumer"], row["event_id"], event.kind, event.source, row["version"], row["attempts"],
        row["error"], from_micros(row["at"]),
    )  # fmt: skip
