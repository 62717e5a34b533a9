"""Writing a version on PostgreSQL: one statement, one round trip.

The log id is drawn first, so that the resource row and the log row can name each other; everything else hangs on the
guarded row (`FROM r`), so that a lost race writes nothing at all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.store import NextVersion
from tandem.identity.audit import COLUMNS

_INSERT_RESOURCE = """r AS (INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, author,
 custodian, received_from) SELECT $2::text, $3::text, $4::int, $5::bigint, $6::int, n.id, $7::text, $8::text, $9::text, $12::text FROM n RETURNING key)"""
_UPDATE_RESOURCE = """r AS (UPDATE resource SET version = $4::int, updated = $5::bigint, deleted = $6::int, log_id = n.id,
 patient = $7::text, custodian = $9::text FROM n WHERE resource.key = $12::bigint AND resource.version = $4::int - 1 RETURNING resource.key)"""
_LOG = """l AS (INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted,
 correlation, body) SELECT n.id, $1::text, $10::text, $2::text, $3::text, $4::int, $5::bigint, $7::text, $8::text, $11::int, $13::text, $14::bytea FROM n, r),
 o AS (INSERT INTO outbox (log_id, txid) SELECT n.id, pg_current_xact_id()::text::bigint FROM n, r)"""
_INDEX = {
    "search_token": ("param, system, code", "int[]", "text[]", "text[]"),
    "search_date": ("param, low, high", "int[]", "bigint[]", "bigint[]"),
    "search_string": ("param, folded, value", "int[]", "text[]", "text[]"),
    "search_number": ("param, low, high, system, unit", "int[]", "float8[]", "float8[]", "text[]", "text[]"),
}
_AUDIT_COLUMNS = ", ".join(COLUMNS)
_AUDIT_TYPES = ["bigint" if name == "at" else "int" if name == "status" else "text" for name in COLUMNS]


@lru_cache(maxsize=256)
def _statement(update: bool, filled: tuple[str, ...], audits: int) -> str:
    parts = ["n AS (SELECT nextval('log_id_seq') AS id)", _UPDATE_RESOURCE if update else _INSERT_RESOURCE, _LOG]
    number = 15
    for table, (columns, *types) in _INDEX.items():
        if update:
            parts.append(f"x{table} AS (DELETE FROM {table} USING r WHERE {table}.key = r.key)")
        if table in filled:
            arrays = ", ".join(f"${number + place}::{kind}" for place, kind in enumerate(types))
            parts.append(f"{table}_in AS (INSERT INTO {table} (key, {columns}) SELECT r.key, u.* FROM r, unnest({arrays}) u)")
            number += len(types)
    for place in range(audits):
        values = ", ".join(f"${number + column}::{kind}" for column, kind in enumerate(_AUDIT_TYPES))
        parts.append(f"audit_{place} AS (INSERT INTO audit ({_AUDIT_COLUMNS}) SELECT {values} FROM r)")
        number += len(_AUDIT_TYPES)
    return f"WITH {', '.join(parts)} SELECT key FROM r"


class PostgresVersionWriter:
    """See VersionWriter."""

    async def write(self, connection: Connection, version: NextVersion) -> bool:
        before = version.before
        rows = _index_rows(version)
        filled = tuple(table for table in _INDEX if rows.get(table))
        params: list[Any] = [
            version.event_id, version.type, version.id, version.version, version.at,
            1 if version.action == "delete" else 0, version.patient, version.author, version.custodian, version.kind,
            1 if version.granted else 0, before.key if before else version.received_from, version.correlation,
            version.body,
        ]  # fmt: skip
        for table in filled:
            params += [list(column) for column in zip(*rows[table], strict=True)]
        for audit in version.audit:
            params += audit.values
        sql = _statement(before is not None, filled, len(version.audit))
        return await connection.fetchval(sql, *params) is not None


def _index_rows(version: NextVersion) -> dict[str, list[tuple[Any, ...]]]:
    index = version.index
    if index is None:
        return {}
    return {
        "search_token": index.tokens, "search_date": index.dates, "search_string": index.strings,
        "search_number": index.numbers,
    }  # fmt: skip
