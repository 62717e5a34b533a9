"""Reading a service's event log by position: for the relay, for `GET /fhir/$events`, and for a gap to be filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.database.connection import Connection, Row
from tandem.events.envelope import encode
from tandem.events.kinds import spelled_out

_ENTRY = """
SELECT p.position, l.event_id, l.kind, l.type, l.resource_id, l.version, l.at, l.patient, l.author, l.granted,
       l.correlation, l.practice, l.body
FROM event_position p JOIN log l ON l.id = p.log_id
"""
MAX_PAGE = 1000
SPAN = 20_000
"""So many positions are looked at by one statement when only some kinds are asked for."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Envelopes in order. A page shorter than was asked for is the last for now, unless it has `reached`: then no more
    positions were looked at than up to there, and the log goes on."""

    envelopes: Sequence[bytes]
    reached: int | None = None


async def entries(connection: Connection, after: int, limit: int) -> Sequence[Row]:
    """The rows of the log that follow position `after`, in order."""
    return await connection.fetch(f"{_ENTRY} WHERE p.position > $1 ORDER BY p.position LIMIT $2", after, limit)


async def log_page(
    connection: Connection, service: str, after: int, limit: int, kinds: Sequence[str] = (), within: int | None = None
) -> LogPage:
    """The events that follow position `after`, in order, at most 1,000 of them.

    `kinds` are patterns as listeners have them; none means all. No more than `within` positions are looked at, all when
    it is None; each statement looks at `SPAN` of them, so that rare kinds in a long log come to no time limit.
    """
    limit = min(limit, MAX_PAGE)
    if not kinds:
        return LogPage([encode(row, service) for row in await entries(connection, after, limit)])
    wanted = spelled_out(kinds)
    places = ", ".join(f"${number}" for number in range(4, 4 + len(wanted)))
    sql = f"{_ENTRY} WHERE p.position > $1 AND p.position <= $2 AND l.kind IN ({places}) ORDER BY p.position LIMIT $3"
    # Positions are given in order by one writer: up to the last that is there, none is still to come.
    end = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
    until = end if within is None else min(end, after + within)
    found: list[bytes] = []
    while after < until and len(found) < limit:
        upto = min(after + SPAN, until)
        rows = await connection.fetch(sql, after, upto, limit - len(found), *wanted)
        found += [encode(row, service) for row in rows]
        after = upto
    return LogPage(found, until if len(found) < limit and until < end else None)


async def log_versions(
    connection: Connection, service: str, resource_type: str, resource_id: str, after: int, before: int
) -> list[bytes]:
    """Envelopes of the versions of one resource between `after` and `before`, both exclusive, in order."""
    sql = f"""{_ENTRY} WHERE l.type = $1 AND l.resource_id = $2 AND l.version > $3 AND l.version < $4
              ORDER BY l.version LIMIT {MAX_PAGE}"""
    return [encode(row, service) for row in await connection.fetch(sql, resource_type, resource_id, after, before)]
