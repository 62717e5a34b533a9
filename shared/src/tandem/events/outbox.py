"""The outbox: what a write leaves, in its own transaction, so that its event cannot be lost or go out too early.

`log` holds the event itself; `outbox` says that it has no position in the log yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection, Dialect

TRANSACTION_ID: dict[Dialect, str] = {"postgresql": "pg_current_xact_id()::text::bigint", "sqlite": "0"}
"""SQL for `outbox.txid`: by it the sequencer knows whether an older transaction is still open."""

_COLUMNS = "event_id, kind, type, resource_id, version, at, patient, author, granted, correlation, practice, body"
_VALUES = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"
_LOG = f"INSERT INTO log ({_COLUMNS}) VALUES ({_VALUES}) ON CONFLICT (event_id) DO NOTHING RETURNING id"
_BOTH = f"WITH entry AS ({_LOG}) INSERT INTO outbox (log_id, txid) SELECT id, {TRANSACTION_ID['postgresql']} FROM entry"


@dataclass(frozen=True, slots=True)
class Entry:
    """A new row of the log. `at` is in microseconds; `resource_id` is the key of a domain event."""

    event_id: str
    kind: str
    at: int
    type: str | None = None
    resource_id: str | None = None
    version: int | None = None
    patient: str | None = None
    author: str | None = None
    granted: bool = True
    correlation: str | None = None
    practice: str | None = None
    body: bytes | None = None


async def append(connection: Connection, entry: Entry) -> bool:
    """Write the entry to log and outbox; False when an event of this id is there already, and then nothing changes.

    Raises UniqueViolation when this version of the resource is there under another event id.
    """
    values = (
        entry.event_id, entry.kind, entry.type, entry.resource_id, entry.version, entry.at, entry.patient,
        entry.author, int(entry.granted), entry.correlation, entry.practice, entry.body,
    )  # fmt: skip
    if connection.dialect == "postgresql":
        return await connection.execute(_BOTH, *values) == 1
    log_id = await connection.fetchval(_LOG, *values)
    if log_id is None:
        return False
    await connection.execute("INSERT INTO outbox (log_id, txid) VALUES ($1, 0)", log_id)
    return True
