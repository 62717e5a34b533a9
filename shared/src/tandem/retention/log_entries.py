"""Entries of the log that go: what an erasure takes out of it, and what it has to put right behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tandem.database.connection import Connection
from tandem.database.places import placed
from tandem.retention.log_heads import mark_heads

_AT_ONCE: Final = 500


async def entries_of(connection: Connection, patient: str) -> Sequence[int]:
    """The numbers of all versions of the person's resources, and of their Patient; found by index."""
    rows = await connection.fetch("SELECT id FROM log WHERE type = 'Patient' AND resource_id = $1", patient)
    theirs = await connection.fetch(
        "SELECT l.id FROM resource r JOIN log l ON l.type = r.type AND l.resource_id = r.id WHERE r.patient = $1",
        patient,
    )
    return sorted({row["id"] for row in (*rows, *theirs)})


async def forget_entries(connection: Connection, numbers: Sequence[int]) -> int:
    """Delete these rows of the log; answers how many went. The heads of their kinds are then to be lowered."""
    gone = 0
    kinds: set[str] = set()
    for first in range(0, len(numbers), _AT_ONCE):
        params: list[object] = []
        chosen = f"IN ({placed(params, numbers[first : first + _AT_ONCE])})"
        await connection.execute(f"DELETE FROM outbox WHERE log_id {chosen}", *params)
        # Positions stay: one that was given must never be given again. They let go of the number of their row, which
        # SQLite gives again when it was the last: the new row would stand at the old position, and could get no other.
        await connection.execute(f"UPDATE event_position SET log_id = -position WHERE log_id {chosen}", *params)
        kinds |= {row["kind"] for row in await connection.fetch(f"SELECT kind FROM log WHERE id {chosen}", *params)}
        gone += await connection.execute(f"DELETE FROM log WHERE id {chosen}", *params)
    await mark_heads(connection, kinds)
    return gone
