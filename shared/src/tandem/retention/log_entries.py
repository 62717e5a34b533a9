"""Entries of the log that go: what an erasure takes out of it, and what it has to put right behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tandem.database.connection import Connection
from tandem.database.places import placed
from tandem.events.log import SPAN

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
    """Delete these rows of the log; answers how many went."""
    gone, kinds = 0, set()
    for first in range(0, len(numbers), _AT_ONCE):
        params: list[object] = []
        chosen = f"IN ({placed(params, numbers[first : first + _AT_ONCE])})"
        await connection.execute(f"DELETE FROM outbox WHERE log_id {chosen}", *params)
        # Positions stay: one that was given must never be given again. They let go of the number of their row, which
        # SQLite gives again when it was the last: the new row would stand at the old position, and could get no other.
        await connection.execute(f"UPDATE event_position SET log_id = -position WHERE log_id {chosen}", *params)
        kinds |= {row["kind"] for row in await connection.fetch(f"SELECT kind FROM log WHERE id {chosen}", *params)}
        gone += await connection.execute(f"DELETE FROM log WHERE id {chosen}", *params)
    await _lower_heads(connection, kinds)
    return gone


async def _lower_heads(connection: Connection, kinds: Iterable[str]) -> None:
    """Let the last position of each kind be that of an event that is there, or consumers would wait for it for ever."""
    for kind in sorted(kinds):
        name = f"kind:{kind}"
        before = await connection.fetchval("SELECT position FROM cursor WHERE name = $1", name)
        last = None if before is None else await _last_of(connection, kind, before)
        if last is None:
            await connection.execute("DELETE FROM cursor WHERE name = $1", name)
        elif last != before:
            await connection.execute("UPDATE cursor SET position = $2 WHERE name = $1", name, last)


async def _last_of(connection: Connection, kind: str, upto: int) -> int | None:
    """The last position of an event of this kind that is there, from `upto` downwards; each statement is bounded."""
    while upto > 0:
        found: int | None = await connection.fetchval(
            "SELECT MAX(p.position) FROM event_position p JOIN log l ON l.id = p.log_id"
            " WHERE p.position > $1 AND p.position <= $2 AND l.kind = $3", upto - SPAN, upto, kind,
        )  # fmt: skip
        if found is not None:
            return found
        upto -= SPAN
    return None
