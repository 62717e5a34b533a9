"""The sequencer gives committed events their positions in the service's log: 1, 2, 3, without a hole.

Ids and timestamps commit out of order, so a reader that went by them would overlook events. A position is given only
to what was written by a transaction below which no other of this database is open: whoever has read up to a position
has read all.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from tandem.database.connection import Connection, Dialect, Row
from tandem.events.realtime import Now, now_micros

# The oldest transaction of this database that is open, or else the next that will be. Those of other databases on the
# server are in the snapshot too, but write to no outbox of ours: left in, a long one would hold up every service.
_OLDEST_OPEN = """
(SELECT COALESCE(MIN(x::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
 FROM pg_snapshot_xip(pg_current_snapshot()) AS x
 WHERE x::xid IN (SELECT backend_xid FROM pg_stat_activity WHERE datname = current_database()))
"""
# A row that shows an id which this server has not reached was brought in from another server by a restore.
_RESTORED = "o.txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_NEXT: dict[Dialect, str] = {
    "postgresql": f"""
        SELECT o.log_id, l.kind, l.type, l.resource_id, l.version FROM outbox o JOIN log l ON l.id = o.log_id
        WHERE o.txid < $2 OR {_RESTORED} ORDER BY o.log_id LIMIT $1
        """,
    "sqlite": """
        SELECT o.log_id, l.kind, l.type, l.resource_id, l.version FROM outbox o JOIN log l ON l.id = o.log_id
        WHERE $2 = 0 ORDER BY o.log_id LIMIT $1
        """,
}
_OUTLOOK: dict[Dialect, str] = {
    "postgresql": f"""
        SELECT EXISTS (SELECT 1 FROM outbox) AS held,
               EXISTS (SELECT 1 FROM outbox o WHERE o.txid < {_OLDEST_OPEN} OR {_RESTORED}) AS ready
        """,
    "sqlite": "SELECT EXISTS (SELECT 1 FROM outbox) AS held, 1 AS ready",
}
_KIND_HEAD = """
INSERT INTO cursor (name, position, at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at
"""


class Outlook(Enum):
    """What the outbox holds."""

    EMPTY = "nothing"
    HELD_BACK = "only what has to wait until a transaction that is still open has ended"
    READY = "events that can be given a position"


async def outlook(connection: Connection) -> Outlook:
    """Look into the outbox without changing anything."""
    row = await connection.fetchrow(_OUTLOOK[connection.dialect])
    if row is None or not row["held"]:
        return Outlook.EMPTY
    return Outlook.READY if row["ready"] else Outlook.HELD_BACK


async def sequence(connection: Connection, limit: int, *, now: Now = now_micros) -> int:
    """Give up to `limit` events their positions, in this transaction; answers how many. Only the holder of the
    relay's lease may.

    Raises UniqueViolation when, against that rule, two run at once: then one of them rolls back.
    """
    # A statement of its own, before the one that reads: what it finds ended is then in sight of the other.
    oldest_open = await connection.fetchval(f"SELECT {_OLDEST_OPEN}") if connection.dialect == "postgresql" else 0
    rows = await connection.fetch(_NEXT[connection.dialect], limit, oldest_open)
    if rows:
        await _give_positions(connection, in_version_order(rows), now())
    return len(rows)


def in_version_order(rows: Sequence[Row]) -> list[Row]:
    """The rows with versions of one resource put in ascending order among the places they hold."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        if row["version"] is not None:
            places.setdefault((row["type"], row["resource_id"]), []).append(place)
    ordered = list(rows)
    for held in places.values():
        if len(held) > 1:
            ascending = sorted((rows[place] for place in held), key=_version)
            for place, row in zip(held, ascending, strict=True):
                ordered[place] = row
    return ordered


def _version(row: Row) -> int:
    version: int = row["version"]
    return version


async def _give_positions(connection: Connection, rows: Sequence[Row], at: int) -> None:
    last: int = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
    log_ids = [row["log_id"] for row in rows]
    positions = range(last + 1, last + 1 + len(rows))
    if connection.dialect == "postgresql":
        insert = "INSERT INTO event_position (position, log_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])"
        await connection.execute(insert, list(positions), log_ids)
        await connection.execute("DELETE FROM outbox WHERE log_id = ANY($1::bigint[])", log_ids)
    else:
        insert = "INSERT INTO event_position (position, log_id) VALUES ($1, $2)"
        await connection.executemany(insert, list(zip(positions, log_ids, strict=True)))
        await connection.executemany("DELETE FROM outbox WHERE log_id = $1", [(log_id,) for log_id in log_ids])
    heads = {row["kind"]: position for position, row in zip(positions, rows, strict=True)}
    await connection.executemany(_KIND_HEAD, [(f"kind:{kind}", place, at) for kind, place in sorted(heads.items())])
