"""Definitions in the database, as the text they were written in: a version never changes, the newest is in force."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.definition_language.nodes import CohortDefinition
from tandem.database.connection import Connection, Row
from tandem.versions import newest


async def texts_in_force(connection: Connection) -> dict[str, str]:
    """Id -> text of the newest active version, in order of the ids."""
    rows = await connection.fetch("SELECT id, version, text FROM cohort_definition WHERE active = 1 ORDER BY id")
    texts: dict[str, dict[str, str]] = {}
    for row in rows:
        texts.setdefault(row["id"], {})[row["version"]] = row["text"]
    return {identity: versions[newest(versions)] for identity, versions in texts.items()}


async def held(connection: Connection, identity: str, version: str) -> Row | None:
    """One version, or None."""
    return await connection.fetchrow(
        "SELECT * FROM cohort_definition WHERE id = $1 AND version = $2", identity, version
    )


async def versions(connection: Connection, identity: str | None = None) -> Sequence[Row]:
    """All versions of one definition or of all, oldest first."""
    return await connection.fetch(
        "SELECT * FROM cohort_definition WHERE id = COALESCE($1, id) ORDER BY id, installed, version", identity
    )


async def insert(connection: Connection, definition: CohortDefinition, installed: int, by: str) -> None:
    """Write a version that is not there yet. Raises UniqueViolation when it is. `installed` is in microseconds."""
    await connection.execute(
        "INSERT INTO cohort_definition (id, version, text, active, installed, installed_by)"
        " VALUES ($1, $2, $3, 1, $4, $5)",
        definition.id, definition.version, definition.text, installed, by,
    )  # fmt: skip


async def set_active(connection: Connection, identity: str, version: str, active: bool) -> bool:
    """Withdraw a version or put it back; False when it stood so already or is not there."""
    changed = await connection.execute(
        "UPDATE cohort_definition SET active = $3 WHERE id = $1 AND version = $2 AND active <> $3",
        identity, version, int(active),
    )  # fmt: skip
    return changed == 1
