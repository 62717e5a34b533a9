"""Events that could not be applied yet, kept in `parked`: waiting for an earlier version, to be retried, or dead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tandem.database.connection import Connection, Row
from tandem.events.counters import PARKED
from tandem.events.envelope import Received
from tandem.events.event import Event
from tandem.events.inbox_tables import among

State = Literal["waiting", "retry", "dead"]

_PARK = """
INSERT INTO parked (consumer, event_id, subject, version, state, attempts, next_at, error, envelope, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (consumer, event_id) DO NOTHING
"""
_UNBLOCKED = """
SELECT p.* FROM parked p
LEFT JOIN inbox_version v ON v.consumer = p.consumer AND v.subject = p.subject
WHERE p.consumer = $1 AND p.state = 'waiting' AND p.version <= COALESCE(v.version, 0) + 1
"""
# Of each resource only the first that waits, and only when nothing parked is itself the reason.
_OVERDUE = """
SELECT p.*, COALESCE(v.version, 0) AS reached FROM parked p
LEFT JOIN inbox_version v ON v.consumer = p.consumer AND v.subject = p.subject
WHERE p.consumer = $1 AND p.state = 'waiting' AND p.next_at <= $2
  AND NOT EXISTS (SELECT 1 FROM parked q
                  WHERE q.consumer = p.consumer AND q.subject = p.subject AND q.version < p.version)
ORDER BY p.id LIMIT $3
"""


def subject_of(event: Event) -> str | None:
    """`Type/id` of the resource whose versions are kept in order; None for a domain event."""
    return None if event.version is None else f"{event.type}/{event.resource_id}"


async def park(
    connection: Connection, consumer: str, received: Received, state: State, *, attempts: int, next_at: int, at: int,
    error: str | None = None,
) -> None:  # fmt: skip
    """Keep an event; one that is kept already stays as it is. `error` is the name of a class, never its text."""
    event, envelope = received
    fresh = await connection.execute(
        _PARK, consumer, event.id, subject_of(event), event.version, state, attempts, next_at, error, envelope, at
    )
    if fresh:
        PARKED.labels(consumer, state).inc()


async def parked_among(connection: Connection, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """Which of these events are parked."""
    condition, values = among(connection.dialect, "event_id", 2, event_ids)
    sql = f"SELECT event_id FROM parked WHERE consumer = $1 AND {condition}"
    return {row["event_id"] for row in await connection.fetch(sql, consumer, *values)}


async def take_back(connection: Connection, row: Row) -> bytes | None:
    """Take a parked event out, to apply it in this transaction: its envelope; None when somebody else has.

    The envelope is that of now: an erasure may have taken a person out of it since the row was read.
    """
    taken = await connection.fetchrow(
        "DELETE FROM parked WHERE id = $1 AND state <> 'dead' RETURNING envelope", row["id"]
    )
    return None if taken is None else taken["envelope"]


async def failed_again(connection: Connection, row: Row, state: State, *, next_at: int, error: str) -> None:
    """Count one more failed attempt at a parked event."""
    await connection.execute(
        "UPDATE parked SET state = $2, attempts = attempts + 1, next_at = $3, error = $4 WHERE id = $1",
        row["id"], state, next_at, error,
    )  # fmt: skip
    PARKED.labels(row["consumer"], state).inc()


async def postpone(connection: Connection, row: Row, next_at: int) -> None:
    """Look at a parked event again at `next_at` only."""
    await connection.execute("UPDATE parked SET next_at = $2 WHERE id = $1", row["id"], next_at)


async def due_retries(connection: Connection, consumer: str, now: int, limit: int) -> Sequence[Row]:
    """Events whose next attempt is due, oldest first."""
    return await connection.fetch(
        """SELECT * FROM parked WHERE consumer = $1 AND state = 'retry' AND next_at <= $2
           ORDER BY next_at, id LIMIT $3""",
        consumer, now, limit,
    )  # fmt: skip


async def unblocked(connection: Connection, consumer: str, subjects: Sequence[str] | None, limit: int) -> Sequence[Row]:
    """Waiting events whose turn has come, of these resources or of all, in order of version."""
    if subjects is None:
        return await connection.fetch(f"{_UNBLOCKED} ORDER BY p.version LIMIT $2", consumer, limit)
    condition, values = among(connection.dialect, "p.subject", 3, subjects)
    sql = f"{_UNBLOCKED} AND {condition} ORDER BY p.version LIMIT $2"
    return await connection.fetch(sql, consumer, limit, *values)


async def overdue(connection: Connection, consumer: str, now: int, limit: int) -> Sequence[Row]:
    """Waiting events whose gap ought to have been filled by now; `reached` is the last version applied."""
    return await connection.fetch(_OVERDUE, consumer, now, limit)


async def counts(connection: Connection) -> dict[str, int]:
    """How many events are parked, by state."""
    rows = await connection.fetch("SELECT state, COUNT(*) AS number FROM parked GROUP BY state")
    return {row["state"]: row["number"] for row in rows}
