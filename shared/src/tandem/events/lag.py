"""How far consumers are behind an owner: the question "has everyone taken what was committed before now?".

It takes two looks at each owner and one at each consumer. The owner's `mark` says what is committed now; once its
`unsequenced_from` lies beyond that mark, all of it has a position, and `kinds` names the last position of every kind. A
consumer whose cursor has reached the last position of each kind it listens to, and that has nothing parked, is level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.events import parking
from tandem.events.kinds import matches


@dataclass(frozen=True, slots=True)
class Head:
    """Where an owner's log stands.

    `mark` is the newest committed entry, `unsequenced_from` the oldest entry without a position (None when all have
    one), `position` the last position, `relayed` the last that was published, `kinds` the last position by kind.
    """

    mark: int
    unsequenced_from: int | None
    position: int
    relayed: int
    kinds: dict[str, int]

    def covers(self, mark: int) -> bool:
        """Whether all that was committed when `mark` was read has a position, and so is counted in `kinds`."""
        return self.unsequenced_from is None or self.unsequenced_from > mark


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a consumer stands: its cursor by source, and how many events it has parked, by state.

    `followed` are the cursors of its followers in its own log, by name.
    """

    positions: dict[str, int]
    parked: dict[str, int]
    followed: dict[str, int]


async def head(connection: Connection) -> Head:
    """The head of this service's own log."""
    # Read before the log: what is sequenced in between must not look as if it had never been there.
    waiting = await connection.fetchval("SELECT MIN(log_id) FROM outbox")
    mark = await connection.fetchval("SELECT COALESCE(MAX(id), 0) FROM log")
    position = await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM event_position")
    rows = await connection.fetch("SELECT name, position FROM cursor WHERE name = 'relay' OR name LIKE 'kind:%'")
    cursors = {row["name"]: row["position"] for row in rows}
    relayed = cursors.pop("relay", 0)
    kinds = {name.removeprefix("kind:"): place for name, place in cursors.items()}
    return Head(mark, waiting, position, relayed, kinds)


async def taken(connection: Connection) -> Taken:
    """What this service has taken from the logs of others, and its followers from its own."""
    rows = await connection.fetch(
        "SELECT name, position FROM cursor WHERE name LIKE 'from:%' OR name LIKE 'follow:%' ORDER BY name"
    )
    places: dict[str, dict[str, int]] = {"from": {}, "follow": {}}
    for row in rows:
        sort, _, name = row["name"].partition(":")
        places[sort][name] = row["position"]
    # Read after the cursors: what was parked when they moved is then seen.
    return Taken(places["from"], await parking.counts(connection), places["follow"])


def behind(owner: Head, consumed: Sequence[str], position: int) -> int:
    """How many positions a consumer of these kinds lacks of the owner's log; 0 when it has taken all it listens to."""
    return max(0, last_position(owner.kinds, consumed) - position)


def last_position(kinds: Mapping[str, int], consumed: Sequence[str]) -> int:
    """The last position of any kind that these patterns take in; 0 when there is none."""
    places = [place for kind, place in kinds.items() if any(matches(pattern, kind) for pattern in consumed)]
    return max(places, default=0)
