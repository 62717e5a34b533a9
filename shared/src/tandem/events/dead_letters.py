"""Dead letters: events whose handlers failed too often, as `tandem events dead-letters` lists and replays them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.clock import from_micros
from tandem.database.connection import Database, Row
from tandem.events import inbox_tables
from tandem.events.envelope import decode
from tandem.events.kinds import matches
from tandem.events.outbox import Entry, append
from tandem.events.realtime import Now, now_micros
from tandem.fhir.body import encode
from tandem.ids import deterministic_id

DISCARDED = "tandem.dead-letter.discarded"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as it is shown: `id` is what `replay` takes, `error` the class of the last failure."""

    id: int
    consumer: str
    event_id: str
    kind: str
    source: str
    version: int | None
    attempts: int
    error: str | None
    parked: datetime


async def list_dead_letters(database: Database, kind: str | None = None) -> list[DeadLetter]:
    """The dead letters of this service, all or those of a kind, oldest first. Nothing of their content is shown."""
    async with database.read() as connection:
        rows = await connection.fetch("SELECT * FROM parked WHERE state = 'dead' ORDER BY id")
    letters = [_letter(row) for row in rows]
    return [letter for letter in letters if kind is None or matches(kind, letter.kind)]


async def replay(database: Database, ids: Sequence[int] | None = None, *, now: Now = now_micros) -> int:
    """Let these dead letters, or all, be tried again from the beginning; answers how many. The retry loop does it."""
    if ids is not None and not ids:
        return 0
    places = ", ".join(f"${number}" for number in range(2, 2 + len(ids or ())))
    chosen = "" if ids is None else f" AND id IN ({places})"
    sql = f"UPDATE parked SET state = 'retry', attempts = 0, next_at = $1 WHERE state = 'dead'{chosen}"
    async with database.transaction() as connection:
        return await connection.execute(sql, now(), *(ids or ()))


async def discard(database: Database, service: str, ids: Sequence[int], reason: str, *, now: Now = now_micros) -> int:
    """Give these dead letters up, for a reason that must not speak of a person; answers how many.

    They count as taken: what waits behind them goes on, and nothing brings them back. The service's log keeps who they
    were and the reason, as the fact `tandem.dead-letter.discarded`.
    """
    count = 0
    for number in ids:
        async with database.transaction() as connection:
            row = await connection.fetchrow("SELECT * FROM parked WHERE id = $1 AND state = 'dead'", number)
            if row is None or await connection.execute("DELETE FROM parked WHERE id = $1", number) != 1:
                continue
            at = now()
            await inbox_tables.claim(connection, row["consumer"], [decode(row["envelope"])], at)
            if row["subject"] is not None:
                await inbox_tables.record_versions(connection, row["consumer"], {row["subject"]: row["version"]})
            await append(connection, _discarded(row, service, reason, at))
            count += 1
    return count


def _discarded(row: Row, service: str, reason: str, at: int) -> Entry:
    letter = _letter(row)
    fact = {"event": letter.event_id, "kind": letter.kind, "source": letter.source, "error": letter.error,
            "attempts": letter.attempts, "reason": reason}  # fmt: skip
    key = deterministic_id(service, DISCARDED, letter.event_id)
    return Entry(key, DISCARDED, at, resource_id=key, author=service, body=encode(fact))


def _letter(row: Row) -> DeadLetter:
    event = decode(row["envelope"])
    return DeadLetter(
        row["id"], row["consumer"], row["event_id"], event.kind, event.source, row["version"], row["attempts"],
        row["error"], from_micros(row["at"]),
    )  # fmt: skip
