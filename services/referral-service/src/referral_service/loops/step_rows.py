"""What request and Task said, version by version: the history of a referral."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a source (`ServiceRequest/1`, `Task/1`) and what it said; `at` in microseconds."""

    source: str
    version: int
    request: str
    status: str
    at: int
    reason: str | None
    author: str | None


async def keep_step(connection: Connection, step: Step) -> None:
    """Keep it, once."""
    await connection.execute(
        "INSERT INTO referral_step (source, version, request, status, at, reason, author)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source, version) DO NOTHING",
        step.source, step.version, step.request, step.status, step.at, step.reason, step.author,
    )  # fmt: skip


async def steps_of(connection: Connection, request: str) -> list[Step]:
    """What happened, the first first; a version that changed no status is left out."""
    rows = await connection.fetch(
        "SELECT source, version, request, status, at, reason, author FROM referral_step WHERE request = $1"
        " ORDER BY at, source, version", request,
    )  # fmt: skip
    found: list[Step] = []
    last: dict[str, str] = {}
    for row in rows:
        step = Step(*(row[name] for name in Step.__slots__))
        if last.get(step.source) != step.status:
            found.append(step)
            last[step.source] = step.status
    return found
