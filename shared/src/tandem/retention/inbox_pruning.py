"""Pruning of `inbox`: rows that nothing can make necessary again go, in small steps.

Of a version of a resource `inbox_version` says by itself that it was taken. Of a domain event only its row does; so
before the row goes, `inbox_pruned` keeps up to where in its owner's log all events of that kind were taken. That holds
for kinds that are listened to now, up to the cursor in that log, once the log was read for these very kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.events.catch_up import fingerprint
from tandem.events.inbox_tables import cursor_name
from tandem.events.kinds import any_matches
from tandem.events.relay import WINDOW

_OLD = """
SELECT event_id, source, kind, position, at FROM inbox
WHERE consumer = $1 AND at < $2 AND kind IS NOT NULL AND (at > $3 OR (at = $3 AND event_id > $4))
ORDER BY at, event_id LIMIT $5
"""
_REMEMBER = """
INSERT INTO inbox_pruned (consumer, source, kind, position) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, source, kind) DO UPDATE SET position = excluded.position
WHERE inbox_pruned.position < excluded.position
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far one sweep over the inbox has come, in the order of `at` and id."""

    at: int = -1
    event_id: str = ""


async def prune_inbox(
    connection: Connection, consumer: str, kinds: tuple[str, ...], before: int, place: Place, most: int, *,
    window: int = WINDOW,
) -> tuple[int, Place | None]:  # fmt: skip
    """Look at the next `most` rows that were taken before this moment (microseconds) and delete those that may go.

    `kinds` are the patterns of what the consumer listens to; `window` positions before a cursor are read again.
    Answers how many went and where to go on; None at the end.
    """
    rows = await connection.fetch(_OLD, consumer, before, place.at, place.event_id, most)
    if not rows:
        return 0, None
    level = await _level(connection, {row["source"] for row in rows}, kinds, window)
    going = [row for row in rows if _may_go(row, kinds, level)]
    await _forget(connection, consumer, going)
    last = rows[-1]
    return len(going), Place(last["at"], last["event_id"]) if len(rows) == most else None


def _is_domain(row: Row) -> bool:
    return row["position"] is not None and not row["kind"].startswith("fhir.")


def _may_go(row: Row, kinds: tuple[str, ...], level: dict[str, int]) -> bool:
    if not _is_domain(row):
        return True
    return row["position"] <= level.get(row["source"], 0) and any_matches(kinds, row["kind"])


async def _level(connection: Connection, sources: set[str], kinds: Sequence[str], window: int) -> dict[str, int]:
    """Up to which position of each log everything was taken, and will not be read again by the next catch-up."""
    positions = {
        row["name"]: row["position"] for row in await connection.fetch("SELECT name, position FROM cursor")
    }
    read_for_these = fingerprint(kinds)
    return {
        source: positions.get(cursor_name(source), 0) - window
        for source in sources
        if positions.get(f"kinds:{source}") == read_for_these
    }


async def _forget(connection: Connection, consumer: str, going: Sequence[Row]) -> None:
    last: dict[tuple[str, str], int] = {}
    for row in going:
        if _is_domain(row):
            place = row["source"], row["kind"]
            last[place] = max(row["position"], last.get(place, 0))
    rows = [(consumer, source, kind, position) for (source, kind), position in sorted(last.items())]
    await connection.executemany(_REMEMBER, rows)
    if going:
        condition = among(connection.dialect, "$2", "text")
        await connection.execute(
            f"DELETE FROM inbox WHERE consumer = $1 AND event_id {condition}", consumer,
            array(connection.dialect, [row["event_id"] for row in going]),
        )  # fmt: skip
