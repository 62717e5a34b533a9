"""Profiles of practices by day: `body` is a list of Parameters entries; the newest by a day counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class Profile:
    """A practice's profile of a day; `author` is the code of the commissioner."""

    day: int
    body: list[dict[str, Any]]
    author: str


async def record_profile(connection: Connection, practice: str, profile: Profile, now_us: int) -> None:
    """Record it; again for a day replaces it."""
    await connection.execute(
        "INSERT INTO practice_profile (practice, day, body, author, recorded) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (practice, day) DO UPDATE SET body = excluded.body, author = excluded.author,"
        " recorded = excluded.recorded",
        practice, profile.day, encode(profile.body), profile.author, now_us,
    )  # fmt: skip


async def newest_profile(connection: Connection, practice: str, day: int) -> Profile | None:
    """The newest profile of a practice (a code) by a day."""
    row = await connection.fetchrow(
        "SELECT day, body, author FROM practice_profile WHERE practice = $1 AND day <= $2 ORDER BY day DESC LIMIT 1",
        practice, day,
    )  # fmt: skip
    return Profile(row["day"], decode(bytes(row["body"])), row["author"]) if row is not None else None


async def profiles_of(connection: Connection, practice: str) -> list[Profile]:
    """All profiles of a practice (a code), the oldest first."""
    rows = await connection.fetch(
        "SELECT day, body, author FROM practice_profile WHERE practice = $1 ORDER BY day", practice
    )
    return [Profile(row["day"], decode(bytes(row["body"])), row["author"]) for row in rows]
