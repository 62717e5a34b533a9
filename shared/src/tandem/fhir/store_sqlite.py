"""Writing a version on SQLite: plain statements, for there is no round trip to save."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.store import NextVersion
from tandem.identity.audit import AUDIT_INSERT

_LOG = """INSERT INTO log (event_id, kind, type, resource_id, version, at, patient, author, granted, correlation,
 practice, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id"""
_INSERT = """INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, author, custodian,
 received_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING key"""
_UPDATE = """UPDATE resource SET version = $1, updated = $2, deleted = $3, log_id = $4, patient = $5, custodian = $6
 WHERE key = $7"""


class SqliteVersionWriter:
    """See VersionWriter. Needs an open transaction."""

    async def write(self, connection: Connection, version: NextVersion) -> bool:
        before = version.before
        if before is not None:
            held = await connection.fetchval("SELECT version FROM resource WHERE key = $1", before.key)
            if held != version.version - 1:
                return False
        log_id = await connection.fetchval(
            _LOG, version.event_id, version.kind, version.type, version.id, version.version, version.at,
            version.patient, version.author, int(version.granted), version.correlation, version.practice,
            version.body,
        )  # fmt: skip
        deleted = int(version.action == "delete")
        if before is None:
            key = await connection.fetchval(
                _INSERT, version.type, version.id, version.version, version.at, deleted, log_id, version.patient,
                version.author, version.custodian, version.received_from,
            )  # fmt: skip
        else:
            key = before.key
            await connection.execute(
                _UPDATE, version.version, version.at, deleted, log_id, version.patient, version.custodian, key
            )
            for table in ("search_token", "search_date", "search_string", "search_number"):
                await connection.execute(f"DELETE FROM {table} WHERE key = $1", key)
        await connection.execute("INSERT INTO outbox (log_id, txid) VALUES ($1, 0)", log_id)
        await _insert_index(connection, key, version)
        for audit in version.audit:
            await connection.execute(AUDIT_INSERT, *audit.values)
        return True

    async def write_many(self, connection: Connection, versions: Sequence[NextVersion]) -> None:
        # SQLite runs in the process: a statement for each costs no round trip.
        for version in versions:
            if not await self.write(connection, version):
                raise UniqueViolation("log_version")


async def _insert_index(connection: Connection, key: int, version: NextVersion) -> None:
    index = version.index
    if index is None:
        return
    if index.tokens:
        await connection.executemany(
            "INSERT INTO search_token (key, param, system, code) VALUES ($1, $2, $3, $4)",
            [(key, *row) for row in index.tokens],
        )
    if index.dates:
        await connection.executemany(
            "INSERT INTO search_date (key, param, low, high) VALUES ($1, $2, $3, $4)",
            [(key, *row) for row in index.dates],
        )
    if index.strings:
        await connection.executemany(
            "INSERT INTO search_string (key, param, folded, value) VALUES ($1, $2, $3, $4)",
            [(key, *row) for row in index.strings],
        )
    if index.numbers:
        await connection.executemany(
            "INSERT INTO search_number (key, param, low, high, system, unit) VALUES ($1, $2, $3, $4, $5, $6)",
            [(key, *row) for row in index.numbers],
        )
