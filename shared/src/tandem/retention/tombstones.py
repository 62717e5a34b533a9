"""Who was erased, as a digest: enough to know what comes late for them, and nothing that says who they were.

The digest is SHA-256 over `Patient.id`. Ids that Tandem gives are random and cannot be guessed; of an id that a client
chose, whoever can guess it can also find out whether it was erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection

from tandem.database.connection import Connection
from tandem.database.places import placed


def digest_of(patient: str) -> str:
    """The digest of a Patient's id, in hexadecimal."""
    return hashlib.sha256(f"tandem erased Patient/{patient}".encode()).hexdigest()


async def erased_among(connection: Connection, patients: Collection[str]) -> set[str]:
    """Which of these Patient ids were erased here."""
    if not patients:
        return set()
    by_digest = {digest_of(each): each for each in sorted(patients)}
    params: list[object] = []
    rows = await connection.fetch(
        f"SELECT digest FROM erasure WHERE digest IN ({placed(params, list(by_digest))})", *params
    )
    return {by_digest[row["digest"]] for row in rows}


async def is_erased(connection: Connection, patient: str) -> bool:
    """Whether the Patient of this id was erased here."""
    return bool(await erased_among(connection, [patient]))


async def bury(connection: Connection, digest: str, at: int, removed: str) -> bool:
    """Keep the tombstone; False when it is there already. `at` is microseconds, `removed` JSON of counts by table."""
    return await connection.execute(
        "INSERT INTO erasure (digest, at, removed) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
        digest, at, removed,
    ) == 1  # fmt: skip


async def count_removed(connection: Connection, digest: str, removed: str) -> None:
    """Keep what went once all has gone: JSON of counts by table. What an erasure that is done again finds is not it."""
    await connection.execute("UPDATE erasure SET removed = $2 WHERE digest = $1", digest, removed)


async def removed_of(connection: Connection, digest: str) -> dict[str, int]:
    """What went of the person of this digest, by table: at once, until `count_removed` has kept the rest."""
    removed = await connection.fetchval("SELECT removed FROM erasure WHERE digest = $1", digest)
    return {} if removed is None else json.loads(removed)
