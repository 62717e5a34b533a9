"""The records of one person that a service holds and the caller may see, read a piece at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.kernel import Kernel
from tandem.identity.access import has_access, visible
from tandem.identity.caller import Caller

_PIECE = 500
"""Records that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A current resource; `author` is the code of the organisation that created it."""

    resource: Resource
    author: str | None


async def may_see_person(
    kernel: Kernel, connection: Connection, caller: Caller, patient: str, now: int, types: Collection[str]
) -> bool:
    """Whether the person is known here, and the caller may see records of at least one of the types. `now`: micros."""
    known = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient)
    if known is None:
        return False
    behind = kernel.registered_only()
    if await has_access(connection, caller, patient, now, registered_only=behind):
        return True
    for name in sorted(types):
        if await has_access(connection, caller, patient, now, resource_type=name, registered_only=behind):
            return True
    return False


async def records_of_person(
    kernel: Kernel, connection: Connection, caller: Caller, patient: str, now: int, types: Collection[str],
    since: int | None,
) -> AsyncIterator[PersonRecord]:  # fmt: skip
    """The person's records of these types (names of FHIR), written at `since` or later."""
    # The names are those of our own tables, never what was sent.
    listed = ", ".join(f"'{name}'" for name in sorted(types))
    params: list[Any] = [patient, 0, -(2**62) if since is None else since]
    clause = visible(caller, "r", params, now, registered_only=kernel.registered_only())
    statement = (
        "SELECT r.key, r.author, l.body FROM resource r JOIN log l ON l.id = r.log_id"
        f" WHERE r.patient = $1 AND r.key > $2 AND r.updated >= $3 AND r.deleted = 0 AND r.type IN ({listed})"
        f" AND ({clause}) ORDER BY r.key LIMIT {_PIECE}"
    )
    while True:
        rows = await connection.fetch(statement, *params)
        for row in rows:
            yield PersonRecord(decode(bytes(row["body"])), row["author"])
        if len(rows) < _PIECE:
            return
        params[1] = rows[-1]["key"]
