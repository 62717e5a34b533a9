"""The statements behind a process's state: by an index or over a small table, for they are read often."""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection, Row
from tandem.events.lag import Head
from tandem.events.realtime import SECOND
from tandem.retention.pruning import LEASE as PRUNING
from tandem.telemetry.state import Jobs, Leading

MOST_COUNTED = 10_000
_OUTBOX = f"SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT {MOST_COUNTED}) AS counted"
_OLDEST_WITHOUT_POSITION = "SELECT l.at FROM outbox o JOIN log l ON l.id = o.log_id ORDER BY o.log_id LIMIT 1"
_OLDEST_UNPUBLISHED = """
SELECT l.at FROM event_position p JOIN log l ON l.id = p.log_id WHERE p.position > $1 ORDER BY p.position LIMIT 1
"""
_LATE = f"""
SELECT COUNT(*) AS number, MIN(at) AS first
FROM (SELECT at FROM due WHERE fired_at IS NULL AND at <= $1 ORDER BY at LIMIT {MOST_COUNTED}) AS late
"""
_JOBS = """
SELECT kind, state, COUNT(*) AS number, SUM(done) AS done, SUM(COALESCE(total, 0)) AS total FROM job
GROUP BY kind, state ORDER BY kind, state
"""


async def unpublished(connection: Connection, head: Head) -> tuple[int, int | None]:
    """How many events are committed and not published, and when the oldest was written (microseconds)."""
    without = await connection.fetchval(_OUTBOX)
    oldest = None
    if head.position > head.relayed:
        oldest = await connection.fetchval(_OLDEST_UNPUBLISHED, head.relayed)
    elif without:
        oldest = await connection.fetchval(_OLDEST_WITHOUT_POSITION)
    return without + max(0, head.position - head.relayed), oldest


async def parked(connection: Connection, now: int) -> tuple[dict[str, int], dict[str, float]]:
    """Parked events by state: how many, and the age of the oldest in real time."""
    rows = await connection.fetch("SELECT state, COUNT(*) AS number, MIN(at) AS first FROM parked GROUP BY state")
    return (
        {row["state"]: row["number"] for row in rows},
        {row["state"]: _seconds(now - row["first"]) for row in rows},
    )


async def late_timers(connection: Connection, now: int) -> tuple[int, float]:
    """Timed events whose time has come: how many, and how late the first is by the domain clock."""
    row = await connection.fetchrow(_LATE, now)
    assert row is not None, "an aggregate has a row"
    return row["number"], 0.0 if row["first"] is None else _seconds(now - row["first"])


async def jobs(connection: Connection) -> list[Jobs]:
    """Jobs by kind and state; those that ended are forgotten after a week."""
    return [_jobs(row) for row in await connection.fetch(_JOBS)]


async def leases(connection: Connection, holder: str, now: int) -> list[Leading]:
    """Who leads what. The lease of pruning is left out: that nobody holds it is how it is nearly always. So is one that
    was given up, of which a row without a holder is left where it was held off."""
    sql = "SELECT name, holder, until FROM lease WHERE name <> $1 AND holder <> '' ORDER BY name"
    rows = await connection.fetch(sql, PRUNING)
    return [Leading(row["name"], row["holder"] == holder, (row["until"] - now) / SECOND) for row in rows]


async def numbers(connection: Connection, sql: str, *values: Any) -> dict[str, int]:
    """A statement that answers a `name` and a `number` a row."""
    return {row["name"]: row["number"] for row in await connection.fetch(sql, *values)}


def _jobs(row: Row) -> Jobs:
    return Jobs(row["kind"], row["state"], row["number"], int(row["done"]), int(row["total"]))


def _seconds(micros: int) -> float:
    return max(0.0, micros / SECOND)
