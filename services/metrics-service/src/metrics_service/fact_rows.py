"""The rows of facts."""

from __future__ import annotations

from dataclasses import astuple

from metrics_service.domain.facts import Fact, Sighting, fold
from tandem.database.connection import Connection
from tandem.identity.derivation import hold

_COLUMNS = "kind, id, patient, version, status, code, opened, due, reached, ended"
_UPSERT = (
    f"INSERT INTO fact ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (kind, id) DO UPDATE SET"
    " patient = excluded.patient, version = excluded.version, status = excluded.status, code = excluded.code,"
    " opened = excluded.opened, due = excluded.due, reached = excluded.reached, ended = excluded.ended"
)


async def keep_sighting(connection: Connection, seen: Sighting) -> None:
    """Fold one sighting into its fact."""
    # Two processes of this service may take events of one thing at once; the second waits and folds onto the first.
    await hold(connection, [f"{seen.kind}/{seen.id}"])
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM fact WHERE kind = $1 AND id = $2", seen.kind, seen.id)
    held = Fact(*(row[name] for name in _COLUMNS.split(", "))) if row is not None else None
    folded = fold(held, seen)
    if folded != held:
        await connection.execute(_UPSERT, *astuple(folded))
