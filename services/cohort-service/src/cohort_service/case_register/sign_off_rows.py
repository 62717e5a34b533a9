"""The rows of sign-offs: each request is a version of the register, with the figures and people of its day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class SignOff:
    """A version. `figures` are parameters as they were answered on the day; days are as in facts, parties codes."""

    version: int
    state: str
    profile_use: str
    figures: list[dict[str, Any]]
    requested_day: int
    requested_by: str
    decided_day: int | None = None
    decided_by: str | None = None
    reason: str | None = None


async def sign_offs_of(connection: Connection, practice: str) -> list[SignOff]:
    """All of a practice, the newest version first."""
    rows = await connection.fetch(
        "SELECT version, state, profile_use, figures_json, requested_day, requested_by, decided_day, decided_by, reason"
        " FROM register_sign_off WHERE practice = $1 ORDER BY version DESC",
        practice,
    )
    return [
        SignOff(
            row["version"], row["state"], row["profile_use"], decode(bytes(row["figures_json"])), row["requested_day"],
            row["requested_by"], row["decided_day"], row["decided_by"], row["reason"],
        )
        for row in rows
    ]  # fmt: skip


async def request(
    connection: Connection, practice: str, asked: SignOff, people: Mapping[str, tuple[str, ...]]
) -> None:
    """Write a new version with its people and their sources. Raises UniqueViolation while another is undecided."""
    await connection.execute(
        "INSERT INTO register_sign_off (practice, version, state, profile_use, figures_json, requested_day,"
        " requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        practice, asked.version, asked.state, asked.profile_use, encode(asked.figures), asked.requested_day,
        asked.requested_by,
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO register_sign_off_entry (practice, version, patient, sources) VALUES ($1, $2, $3, $4)",
        [(practice, asked.version, patient, " ".join(sources)) for patient, sources in people.items()],
    )


async def decide(
    connection: Connection, practice: str, version: int, state: str, day: int, by: str, reason: str | None
) -> bool:
    """Write what the commissioner decided; False when that version is not waiting for it."""
    changed = await connection.execute(
        "UPDATE register_sign_off SET state = $3, decided_day = $4, decided_by = $5, reason = $6"
        " WHERE practice = $1 AND version = $2 AND state = 'requested'",
        practice, version, state, day, by, reason,
    )  # fmt: skip
    return changed == 1


async def entries_of(connection: Connection, practice: str, version: int) -> dict[str, list[str]]:
    """Who was on a version, with their sources."""
    rows = await connection.fetch(
        "SELECT patient, sources FROM register_sign_off_entry WHERE practice = $1 AND version = $2 ORDER BY patient",
        practice, version,
    )  # fmt: skip
    return {row["patient"]: row["sources"].split() for row in rows}
