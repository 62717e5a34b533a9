"""Writing a version on PostgreSQL: one statement, one round trip.

The log id is drawn first, so that the resource row and the log row can name each other; everything else hangs on the
guarded row (`FROM r`), so that a lost race writes nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.store import NextVersion
from tandem.identity.audit import COLUMNS

_INSERT_RESOURCE = """r AS (INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, author,
 custodian, received_from) SELECT $2::text, $3::text, $4::int, $5::bigint, $6::int, n.id, $7::text, $8::text,
 $9::text, $12::text FROM n RETURNING key)"""
_UPDATE_RESOURCE = """r AS (UPDATE resource SET version = $4::int, updated = $5::bigint, deleted = $6::int,
 log_id = n.id, patient = $7::text, custodian = $9::text FROM n WHERE resource.key = $12::bigint
 AND resource.version = $4::int - 1 RETURNING resource.key)"""
_LOG = """l AS (INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted,
 correlation, body, practice) SELECT n.id, $1::text, $10::text, $2::text, $3::text, $4::int, $5::bigint, $7::text,
 $8::text, $11::int, $13::text, $14::bytea, $15::text FROM n, r),
 o AS (INSERT INTO outbox (log_id, txid) SELECT n.id, pg_current_xact_id()::text::bigint FROM n, r)"""
_INDEX = {
    "search_token": ("param, system, code", "int[]", "text[]", "text[]"),
    "search_date": ("param, low, high", "int[]", "bigint[]", "bigint[]"),
    "search_string": ("param, folded, value", "int[]", "text[]", "text[]"),
    "search_number": ("param, low, high, system, unit", "int[]", "float8[]", "float8[]", "text[]", "text[]"),
}
_AUDIT_COLUMNS = ", ".join(COLUMNS)
_AUDIT_TYPES = ["bigint" if name == "at" else "int" if name == "status" else "text" for name in COLUMNS]
_DRAW = "SELECT nextval('log_id_seq') AS log_id, nextval('resource_key_seq') AS key FROM generate_series(1, $1)"
_OUTBOX = (
    "INSERT INTO outbox (log_id, txid) SELECT id, pg_current_xact_id()::text::bigint FROM unnest($1::bigint[]) AS id"
)
_RESOURCE_COLUMNS = {
    "key": "bigint", "type": "text", "id": "text", "version": "int", "updated": "bigint", "deleted": "int",
    "log_id": "bigint", "patient": "text", "author": "text", "custodian": "text", "received_from": "text",
}  # fmt: skip
_LOG_COLUMNS = {
    "id": "bigint", "event_id": "text", "kind": "text", "type": "text", "resource_id": "text", "version": "int",
    "at": "bigint", "patient": "text", "author": "text", "granted": "int", "correlation": "text", "body": "bytea",
    "practice": "text",
}  # fmt: skip


_PARTS = ("text", "text", "text", "bigint", "bigint")


@lru_cache(maxsize=256)
def _statement(update: bool, filled: tuple[str, ...], audits: int, parted: bool) -> str:
    parts = ["n AS (SELECT nextval('log_id_seq') AS id)", _UPDATE_RESOURCE if update else _INSERT_RESOURCE, _LOG]
    number = 16
    for table, (columns, *types) in _INDEX.items():
        if update:
            parts.append(f"x{table} AS (DELETE FROM {table} USING r WHERE {table}.key = r.key)")
        if table in filled:
            arrays = ", ".join(f"${number + place}::{kind}" for place, kind in enumerate(types))
            parts.append(
                f"{table}_in AS (INSERT INTO {table} (key, {columns}) SELECT r.key, u.* FROM r, unnest({arrays}) u)"
            )
            number += len(types)
    for place in range(audits):
        values = ", ".join(f"${number + column}::{kind}" for column, kind in enumerate(_AUDIT_TYPES))
        parts.append(f"audit_{place} AS (INSERT INTO audit ({_AUDIT_COLUMNS}) SELECT {values} FROM r)")
        number += len(_AUDIT_TYPES)
    matters = "FALSE"
    if parted:
        arrays = ", ".join(f"${number + place}::{kind}[]" for place, kind in enumerate(_PARTS))
        parts.append(
            "part_in AS (INSERT INTO part (source, patient, organisation_reference, giver, organisation, starts, ends)"
            f" SELECT $2::text || '/' || $3::text, $7::text, u.* FROM r, unnest({arrays}) u)"
        )
        matters = f"EXISTS (SELECT 1 FROM agreement WHERE signed = 1 AND member = ANY(${number + 2}::text[]))"
    return f"WITH {', '.join(parts)} SELECT key, {matters} AS matters FROM r"


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
            version.body, version.practice,
        ]  # fmt: skip
        for table in filled:
            params += [list(column) for column in zip(*rows[table], strict=True)]
        for audit in version.audit:
            params += audit.values
        if version.parts:
            params += [list(column) for column in zip(*version.parts, strict=True)]
        sql = _statement(before is not None, filled, len(version.audit), bool(version.parts))
        row = await connection.fetchrow(sql, *params)
        if row is None:
            return False
        version.parts_matter = row["matters"]
        return True

    async def write_many(self, connection: Connection, versions: Sequence[NextVersion]) -> None:
        drawn = await connection.fetch(_DRAW, len(versions))
        keys = [
            version.before.key if version.before else row["key"] for version, row in zip(versions, drawn, strict=True)
        ]
        log_ids = [row["log_id"] for row in drawn]
        numbered = list(zip(keys, log_ids, versions, strict=True))
        await _insert(connection, "resource", _RESOURCE_COLUMNS, [
            (key, version.type, version.id, version.version, version.at, int(version.action == "delete"), log_id,
             version.patient, version.author, version.custodian, version.received_from)
            for key, log_id, version in numbered if version.before is None
        ])  # fmt: skip
        await _move_on(connection, [each for each in numbered if each[2].before is not None])
        await _insert(connection, "log", _LOG_COLUMNS, [
            (log_id, version.event_id, version.kind, version.type, version.id, version.version, version.at,
             version.patient, version.author, int(version.granted), version.correlation, version.body,
             version.practice)
            for _, log_id, version in numbered
        ])  # fmt: skip
        await connection.execute(_OUTBOX, log_ids)
        for table, (columns, *types) in _INDEX.items():
            rows = [(key, *row) for key, _, version in numbered for row in _index_rows(version).get(table, ())]
            names = [name.strip() for name in columns.split(",")]
            casts = [kind.removesuffix("[]") for kind in types]
            await _insert(connection, table, {"key": "bigint", **dict(zip(names, casts, strict=True))}, rows)
        audits = [audit.values for version in versions for audit in version.audit]
        await _insert(connection, "audit", dict(zip(COLUMNS, _AUDIT_TYPES, strict=True)), audits)


async def _insert(connection: Connection, table: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(columns.values(), 1))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
        await connection.execute(sql, *(list(column) for column in zip(*rows, strict=True)))


async def _move_on(connection: Connection, numbered: Sequence[tuple[int, int, NextVersion]]) -> None:
    if not numbered:
        return
    keys = [key for key, _, _ in numbered]
    await connection.execute(
        "UPDATE resource SET version = n.version, updated = n.updated, deleted = n.deleted, log_id = n.log_id,"
        " patient = n.patient, custodian = n.custodian FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[],"
        " $5::bigint[], $6::text[], $7::text[]) AS n (key, version, updated, deleted, log_id, patient, custodian)"
        " WHERE resource.key = n.key",
        keys, [version.version for _, _, version in numbered], [version.at for _, _, version in numbered],
        [int(version.action == "delete") for _, _, version in numbered], [log_id for _, log_id, _ in numbered],
        [version.patient for _, _, version in numbered], [version.custodian for _, _, version in numbered],
    )  # fmt: skip
    for table in _INDEX:
        await connection.execute(f"DELETE FROM {table} WHERE key = ANY($1::bigint[])", keys)


def _index_rows(version: NextVersion) -> dict[str, list[tuple[Any, ...]]]:
    index = version.index
    if index is None:
        return {}
    return {
        "search_token": index.tokens, "search_date": index.dates, "search_string": index.strings,
        "search_number": index.numbers,
    }  # fmt: skip
