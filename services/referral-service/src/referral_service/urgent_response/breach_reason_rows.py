"""Why clocks of urgent requests were breached, as the performer says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among

_WRITE = """INSERT INTO urgent_breach_reason (request, reason, note, organisation, recorded) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (request) DO UPDATE SET reason = excluded.reason, note = excluded.note,
  organisation = excluded.organisation, recorded = excluded.recorded"""


@dataclass(frozen=True, slots=True)
class BreachReason:
    """A code of the closed list with words, and which organisation (a code) said so when."""

    reason: str
    note: str | None
    organisation: str
    recorded: datetime


async def keep_reason(connection: Connection, request: str, held: BreachReason) -> None:
    """Keep it; said again, it is corrected."""
    await connection.execute(_WRITE, request, held.reason, held.note, held.organisation, to_micros(held.recorded))


async def reasons_of(connection: Connection, requests: Collection[str]) -> dict[str, BreachReason]:
    """The reasons that are known, by ServiceRequest.id."""
    if not requests:
        return {}
    condition, values = among(connection.dialect, "request", 1, sorted(requests))
    rows = await connection.fetch(f"SELECT * FROM urgent_breach_reason WHERE {condition}", *values)
    return {
        row["request"]: BreachReason(row["reason"], row["note"], row["organisation"], from_micros(row["recorded"]))
        for row in rows
    }
