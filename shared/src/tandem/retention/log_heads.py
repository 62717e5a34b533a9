"""The last position of each kind of event, once events went: consumers wait until they have come that far.

A head whose event is gone is lowered to the last event of its kind that is there. How far down that is nobody knows
before it is found: so one statement looks through a window of positions, and what is not found in it is kept as a
cursor `lower:<kind>`, from where the steps through the log go on. Until then the head is too high, and a consumer that
had not taken the event that went looks as if it lagged.
"""

from __future__ import annotations

from typing import Final

from tandem.database.connection import Connection
from tandem.database.places import placed
from tandem.events.lease import hold_off
from tandem.events.log import SPAN
from tandem.events.relay import LEASE

_HEAD: Final = "kind:"
_LOWER: Final = "lower:"
_STANDS: Final = "SELECT 1 FROM event_position p JOIN log l ON l.id = p.log_id WHERE p.position = c.position"


async def mark_heads(connection: Connection, kinds: set[str]) -> None:
    """Keep that the heads of these kinds have to be lowered, those whose events went. The relay must be held off."""
    if not kinds:
        return
    params: list[object] = []
    names = placed(params, [f"{_HEAD}{kind}" for kind in sorted(kinds)])
    gone = await connection.fetch(
        f"SELECT c.name, c.position FROM cursor c WHERE c.name IN ({names}) AND NOT EXISTS ({_STANDS})", *params
    )
    for row in gone:
        # `at` is the head it was marked for: marked again for the same one, it has been looked through so far.
        await connection.execute(
            "INSERT INTO cursor (name, position, at) VALUES ($1, $2, $2) ON CONFLICT (name) DO UPDATE"
            " SET position = excluded.position, at = excluded.at WHERE cursor.at <> excluded.at",
            _LOWER + row["name"].removeprefix(_HEAD), row["position"],
        )  # fmt: skip


async def lower_heads(connection: Connection) -> bool:
    """Look through one window of positions for the heads that have to be lowered; True when none is left."""
    if not await _marked(connection):
        return True
    await hold_off(connection, LEASE)
    below = await _still_gone(connection, await _marked(connection))
    if not below:
        return True
    upto = max(below.values())
    found = await _last_within(connection, sorted(below), upto)
    for kind, place in found.items():
        await connection.execute("UPDATE cursor SET position = $2 WHERE name = $1", _HEAD + kind, place)
        await _forget(connection, kind)
        del below[kind]
    return not await _go_down(connection, below, upto - SPAN)


async def _marked(connection: Connection) -> dict[str, int]:
    """Up to which position the events of each kind have to be looked through yet."""
    rows = await connection.fetch(f"SELECT name, position FROM cursor WHERE name LIKE '{_LOWER}%'")
    return {row["name"].removeprefix(_LOWER): row["position"] for row in rows}


async def _still_gone(connection: Connection, marked: dict[str, int]) -> dict[str, int]:
    """Those of which no new event has come meanwhile."""
    params: list[object] = []
    names = placed(params, [f"{_HEAD}{kind}" for kind in sorted(marked)])
    sql = f"SELECT c.name FROM cursor c WHERE c.name IN ({names}) AND EXISTS ({_STANDS})"
    for row in await connection.fetch(sql, *params):
        kind = row["name"].removeprefix(_HEAD)
        del marked[kind]
        await _forget(connection, kind)
    return marked


async def _last_within(connection: Connection, kinds: list[str], upto: int) -> dict[str, int]:
    params: list[object] = [upto - SPAN, upto]
    rows = await connection.fetch(
        "SELECT l.kind, MAX(p.position) AS place FROM event_position p JOIN log l ON l.id = p.log_id"
        f" WHERE p.position > $1 AND p.position <= $2 AND l.kind IN ({placed(params, kinds)}) GROUP BY l.kind", *params,
    )  # fmt: skip
    return {row["kind"]: row["place"] for row in rows}


async def _go_down(connection: Connection, below: dict[str, int], to: int) -> bool:
    """Keep how far down was looked; a kind of which nothing is left has no head. Answers whether any is left to do."""
    left = False
    for kind, before in below.items():
        if to > 0:
            left = True
            await connection.execute("UPDATE cursor SET position = $2 WHERE name = $1", _LOWER + kind, min(before, to))
        else:
            await connection.execute("DELETE FROM cursor WHERE name = $1", _HEAD + kind)
            await _forget(connection, kind)
    return left


async def _forget(connection: Connection, kind: str) -> None:
    await connection.execute("DELETE FROM cursor WHERE name = $1", _LOWER + kind)
