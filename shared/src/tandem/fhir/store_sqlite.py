"""Writing versions on SQLite: plain statements, for there is no round trip to save, each over all rows of its table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.store import NextVersion
from tandem.identity.audit import record

_LOG = """INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted, correlation,
 practice, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"""
_INSERT = """INSERT INTO resource (key, type, id, version, updated, deleted, log_id, patient, author, custodian,
 received_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""
_UPDATE = """UPDATE resource SET version = $1, updated = $2, deleted = $3, log_id = $4, patient = $5, custodian = $6
 WHERE key = $7"""
_OUTBOX = "INSERT INTO outbox (log_id, txid) VALUES ($1, 0)"
INSERT_INDEX = {
    "search_token": "INSERT INTO search_token (key, param, system, code) VALUES ($1, $2, $3, $4)",
    "search_date": "INSERT INTO search_date (key, param, low, high) VALUES ($1, $2, $3, $4)",
    "search_string": "INSERT INTO search_string (key, param, folded, value) VALUES ($1, $2, $3, $4)",
    "search_number": "INSERT INTO search_number (key, param, low, high, system, unit) VALUES ($1, $2, $3, $4, $5, $6)",
}
_Row = tuple[Any, ...]


class SqliteVersionWriter:
    """See VersionWriter. Needs an open transaction."""

    async def write(self, connection: Connection, version: NextVersion) -> bool:
        before = version.before
        if before is not None:
            held = await connection.fetchval("SELECT version FROM resource WHERE key = $1", before.key)
            if held != version.version - 1:
                return False
        await self.write_many(connection, [version])
        return True

    async def write_many(self, connection: Connection, versions: Sequence[NextVersion]) -> None:
        # There is one writer, so the numbers that SQLite would draw next are ours.
        last_log = await connection.fetchval("SELECT COALESCE(MAX(id), 0) FROM log")
        last_key = await connection.fetchval("SELECT COALESCE(MAX(key), 0) FROM resource")
        logged = list(enumerate(versions, last_log + 1))
        # Another write of a version is told by the log's own unique key, before anything else is touched.
        await connection.executemany(_LOG, [_log_row(log_id, version) for log_id, version in logged])
        created = list(enumerate((each for each in logged if each[1].before is None), last_key + 1))
        updated = [(version.before.key, log_id, version) for log_id, version in logged if version.before is not None]
        await connection.executemany(_INSERT, [_new_row(key, log_id, each) for key, (log_id, each) in created])
        if updated:
            await connection.executemany(_UPDATE, [_next_row(key, log_id, each) for key, log_id, each in updated])
            for table in INSERT_INDEX:
                await connection.executemany(f"DELETE FROM {table} WHERE key = $1", [(key,) for key, *_ in updated])
        await connection.executemany(_OUTBOX, [(log_id,) for log_id, _ in logged])
        keyed = [(key, each) for key, (_, each) in created] + [(key, each) for key, _, each in updated]
        await _insert_index(connection, keyed)
        await record(connection, (audit for version in versions for audit in version.audit))


def _log_row(log_id: int, version: NextVersion) -> _Row:
    return (
        log_id, version.event_id, version.kind, version.type, version.id, version.version, version.at, version.patient,
        version.author, int(version.granted), version.correlation, version.practice, version.body,
    )  # fmt: skip


def _new_row(key: int, log_id: int, version: NextVersion) -> _Row:
    return (
        key, version.type, version.id, version.version, version.at, _deleted(version), log_id, version.patient,
        version.author, version.custodian, version.received_from,
    )  # fmt: skip


def _next_row(key: int, log_id: int, version: NextVersion) -> _Row:
    return version.version, version.at, _deleted(version), log_id, version.patient, version.custodian, key


def _deleted(version: NextVersion) -> int:
    return int(version.action == "delete")


async def _insert_index(connection: Connection, keyed: Iterable[tuple[int, NextVersion]]) -> None:
    rows: dict[str, list[_Row]] = {table: [] for table in INSERT_INDEX}
    for key, version in keyed:
        if version.index is not None:
            each: tuple[Iterable[_Row], ...] = version.index
            for collected, found in zip(rows.values(), each, strict=True):
                collected += [(key, *row) for row in found]
    for table, statement in INSERT_INDEX.items():
        if rows[table]:
            await connection.executemany(statement, rows[table])
