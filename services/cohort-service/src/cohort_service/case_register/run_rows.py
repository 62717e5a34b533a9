"""The rows of looks through the sources, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class RegisterRun:
    """A look through sources on a day: how many people each found."""

    id: str
    day: int
    found: dict[str, int]
    asked_by: str


async def keep_run(connection: Connection, practice: str, run: RegisterRun, at: int) -> None:
    """Write one."""
    await connection.execute(
        "INSERT INTO register_run (id, practice, day, sources_json, asked_by, at) VALUES ($1, $2, $3, $4, $5, $6)",
        run.id, practice, run.day, encode(run.found), run.asked_by, at,
    )  # fmt: skip


async def runs_of(connection: Connection, practice: str) -> list[RegisterRun]:
    """All of a practice."""
    rows = await connection.fetch(
        "SELECT id, day, sources_json, asked_by FROM register_run WHERE practice = $1 ORDER BY at DESC, id", practice
    )
    return [RegisterRun(row["id"], row["day"], decode(bytes(row["sources_json"])), row["asked_by"]) for row in rows]
