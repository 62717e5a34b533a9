"""Settling a restored database with what the others have seen of it, before it is started.

A service that goes back to a backup forgets what it wrote since, but the others may have taken events of it. Then it
must give no position, and no version of a resource, a second time. So every version that another has seen and it has
not is written again, and one more that all of them take as new, with what the restored record says, or as a deletion
when it has none; and positions go on beyond the last one that anybody knows. The others take these versions like any
others, and are right again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tandem.clock import from_micros
from tandem.database.connection import Connection, Database, Row
from tandem.events.envelope import decode as decode_envelope
from tandem.events.inbox_tables import among, cursor_name, move_cursor
from tandem.events.outbox import Entry, append
from tandem.events.realtime import Now, now_micros
from tandem.fhir.body import decode, encode
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.writing import stamp
from tandem.ids import IdSource

RESTORED = "tandem.log.restored"
"""The fact that a log goes on after a restore; it holds the place that the numbers between are not used."""
LEAP = 1_000_000
"""How far positions leap beside services that run on: so far they may have heard and not written it down yet."""
_AT_ONCE = 500
_LAST = """
SELECT r.key, r.type, r.id, r.version, r.updated, r.deleted, r.patient, l.author, l.granted, l.practice, l.body
FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = $1 AND
"""


@dataclass(slots=True)
class Settlement:
    """What came of it. `restated` and `lost` name resources (`Type/id`) with the last version that others have seen:
    those that say again what the backup says, and those that it does not know at all. `ahead` counts by consumer how
    many positions of lost events it may have taken."""

    service: str
    last_position: int
    next_position: int
    ahead: dict[str, int] = field(default_factory=dict)
    restated: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


async def settle(
    service: str, database: Database, others: Mapping[str, Database], ids: IdSource, *, leap: int = 0,
    now: Now = now_micros,
) -> Settlement:  # fmt: skip
    """Settle the restored database of a service that does not run; nothing of its events may be on the way any more.

    Positions go on after the last that is known, and `leap` further.

    A second time does what is left of the first. Raises DatabaseUnavailable.
    """
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM lease")
    async with database.read() as connection:
        last: int = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
    settlement = Settlement(service, last, last + 1 + leap)
    for name, other in others.items():
        seen = await _last_seen(other, name, service)
        settlement.ahead[name] = max(0, seen - last)
        settlement.next_position = max(settlement.next_position, seen + 1 + leap)
    for resource_type in OWNED_TYPES.get(service, ()):
        ahead: dict[str, int] = {}
        for name, other in others.items():
            await _note_ahead(database, other, name, resource_type, ahead)
        await _write_ahead(database, resource_type, ahead, settlement, ids, now)
    await _go_on(database, settlement, ids, now)
    return settlement


async def _last_seen(other: Database, consumer: str, service: str) -> int:
    """The last position in the service's log that a consumer has written down, or holds an event of."""
    async with other.read() as connection:
        name = cursor_name(service)
        seen: int = await connection.fetchval("SELECT position FROM cursor WHERE name = $1", name) or 0
        rows = await connection.fetch("SELECT envelope FROM parked WHERE consumer = $1", consumer)
    events = (decode_envelope(row["envelope"]) for row in rows)
    return max([seen, *(event.position or 0 for event in events if event.source == service)])


async def _note_ahead(
    database: Database, other: Database, consumer: str, resource_type: str, ahead: dict[str, int]
) -> None:
    """Note the resources of which the consumer has seen a newer version than is here, and the newest that any has."""
    after = ""
    while seen := await _seen_versions(other, consumer, resource_type, after):
        after = f"{resource_type}/{list(seen)[-1]}"
        async with database.read() as connection:
            held = await _held(connection, resource_type, list(seen))
        for resource_id, version in seen.items():
            row = held.get(resource_id)
            if version > (row["version"] if row is not None else 0):
                ahead[resource_id] = max(version, ahead.get(resource_id, 0))


async def _write_ahead(
    database: Database, resource_type: str, ahead: Mapping[str, int], settlement: Settlement, ids: IdSource, now: Now
) -> None:
    # All consumers are asked before the first is written: the version after the newest is new to each of them.
    names = sorted(ahead)
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        async with database.transaction() as connection:
            held = await _held(connection, resource_type, part)
            for resource_id in part:
                row = held.get(resource_id)
                await _write_again(connection, resource_type, resource_id, ahead[resource_id] + 1, row, ids, now())
                told = settlement.lost if row is None else settlement.restated
                told[f"{resource_type}/{resource_id}"] = ahead[resource_id]


async def _seen_versions(other: Database, consumer: str, resource_type: str, after: str) -> dict[str, int]:
    """The next resources of a type by id, in the database's order, with the last version that the consumer has applied
    or holds."""
    sql = """
        SELECT subject, MAX(version) AS version FROM (
            SELECT subject, version FROM inbox_version WHERE consumer = $1 AND subject LIKE $2
            UNION ALL SELECT subject, version FROM parked WHERE consumer = $1 AND subject LIKE $2
        ) AS seen WHERE subject > $3 GROUP BY subject ORDER BY subject LIMIT $4"""
    async with other.read() as connection:
        rows = await connection.fetch(sql, consumer, f"{resource_type}/%", after, _AT_ONCE)
    return {row["subject"].partition("/")[2]: row["version"] for row in rows}


async def _held(connection: Connection, resource_type: str, ids: list[str]) -> dict[str, Row]:
    condition, values = among(connection.dialect, "r.id", 2, ids)
    return {row["id"]: row for row in await connection.fetch(f"{_LAST} {condition}", resource_type, *values)}


async def _write_again(
    connection: Connection, resource_type: str, resource_id: str, version: int, held: Row | None, ids: IdSource,
    now: int,
) -> None:  # fmt: skip
    """Write every version after the held one up to `version`: whoever has seen fewer must find no gap."""
    at = now if held is None else max(now, held["updated"])
    first = 1 if held is None else held["version"] + 1
    for number in range(first, version + 1):
        await append(connection, _entry(resource_type, resource_id, number, held, ids.new(), at))
    log_id = await connection.fetchval(
        "SELECT id FROM log WHERE type = $1 AND resource_id = $2 AND version = $3", resource_type, resource_id, version
    )
    if held is None:
        await connection.execute(
            "INSERT INTO resource (type, id, version, updated, deleted, log_id) VALUES ($1, $2, $3, $4, 1, $5)",
            resource_type, resource_id, version, at, log_id,
        )  # fmt: skip
    else:
        await connection.execute(
            "UPDATE resource SET version = $1, updated = $2, log_id = $3 WHERE key = $4",
            version, at, log_id, held["key"],
        )  # fmt: skip


def _entry(resource_type: str, resource_id: str, number: int, held: Row | None, event_id: str, at: int) -> Entry:
    if held is None:
        return Entry(event_id, f"fhir.{resource_type}.delete", at, resource_type, resource_id, number)
    # As the last version said it, by the same author: what follows from it elsewhere follows again.
    gone = bool(held["deleted"])
    body = None
    if not gone:
        resource = decode(held["body"])
        stamp(resource, resource_id, number, from_micros(at))
        body = encode(resource)
    return Entry(
        event_id, f"fhir.{resource_type}.{'delete' if gone else 'update'}", at, resource_type, resource_id, number,
        patient=held["patient"], author=held["author"], granted=bool(held["granted"]), practice=held["practice"],
        body=body,
    )  # fmt: skip


async def _go_on(database: Database, settlement: Settlement, ids: IdSource, now: Now) -> None:
    """Put the fact of the restore at the position from which the log goes on."""
    fact = {"after": settlement.last_position, "restated": len(settlement.restated), "lost": len(settlement.lost)}
    event_id, at = ids.new(), now()
    entry = Entry(event_id, RESTORED, at, resource_id=event_id, author=settlement.service, body=encode(fact))
    async with database.transaction() as connection:
        await append(connection, entry)
        log_id = await connection.fetchval("SELECT id FROM log WHERE event_id = $1", event_id)
        await connection.execute("DELETE FROM outbox WHERE log_id = $1", log_id)
        await connection.execute(
            "INSERT INTO event_position (position, log_id) VALUES ($1, $2)", settlement.next_position, log_id
        )
        await move_cursor(connection, f"kind:{RESTORED}", settlement.next_position, at)
