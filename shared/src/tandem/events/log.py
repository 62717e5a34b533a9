"""Reading a service's event log by position: for the relay, for `GET /fhir/$events`, and for a gap to be filled."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.database.connection import Connection, Row
from tandem.events.envelope import encode
from tandem.events.kinds import spelled_out

_ENTRY = """
SELECT p.position, l.event_id, l.kind, l.type, l.resource_id, l.version, l.at, l.patient, l.author, l.granted,
       l.correlation, l.practice, l.body
FROM event_position p JOIN log l ON l.id = p.log_id
"""
MAX_PAGE = 1000


async def entries(connection: Connection, after: int, limit: int) -> Sequence[Row]:
    """The rows of the log that follow position `after`, in order."""
    return await connection.fetch(f"{_ENTRY} WHERE p.position > $1 ORDER BY p.position LIMIT $2", after, limit)


async def log_page(
    connection: Connection, service: str, after: int, limit: int, kinds: Sequence[str] = ()
) -> list[bytes]:
    """Envelopes of the events that follow position `after`, in order, at most 1,000 of them.

    `kinds` are patterns as listeners have them; none means all. A page shorter than `limit` is the last one for now.
    """
    limit = min(limit, MAX_PAGE)
    if not kinds:
        return [encode(row, service) for row in await entries(connection, after, limit)]
    wanted = spelled_out(kinds)
    places = ", ".join(f"${number}" for number in range(3, 3 + len(wanted)))
    sql = f"{_ENTRY} WHERE p.position > $1 AND l.kind IN ({places}) ORDER BY p.position LIMIT $2"
    return [encode(row, service) for row in await connection.fetch(sql, after, limit, *wanted)]


async def log_versions(
    connection: Connection, service: str, resource_type: str, resource_id: str, after: int, before: int
) -> list[bytes]:
    """Envelopes of the versions of one resource between `after` and `before`, both exclusive, in order."""
    sql = f"""{_ENTRY} WHERE l.type = $1 AND l.resource_id = $2 AND l.version > $3 AND l.version < $4
              ORDER BY l.version LIMIT {MAX_PAGE}"""
    return [encode(row, service) for row in await connection.fetch(sql, resource_type, resource_id, after, before)]
