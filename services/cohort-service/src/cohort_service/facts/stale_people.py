"""People to be evaluated again because facts of theirs came from another service: the backlog of the follower."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.service import Changed

PERSON = "person"
"""The type of a change that is no record's but asks for an evaluation; its id is the number of the person."""


class StalePeople:
    """See `tandem.service.Backlog`."""

    async def waiting(self, connection: Connection, limit: int) -> Sequence[Changed]:
        rows = await connection.fetch("SELECT person FROM stale_person ORDER BY person LIMIT $1", limit)
        return [Changed(PERSON, str(row["person"])) for row in rows]

    async def take(self, connection: Connection, changes: Sequence[Changed]) -> None:
        numbers = array(connection.dialect, [int(each.id) for each in changes])
        await connection.execute(
            f"DELETE FROM stale_person WHERE person {among(connection.dialect, '$1', 'bigint')}", numbers
        )


async def mark_stale(connection: Connection, people: Collection[int]) -> None:
    """Have these people evaluated by the follower's next turn after this transaction."""
    # A mark that is there already is held too: else the follower could take it, and evaluate the person by the facts
    # from before this transaction.
    await connection.executemany(
        "INSERT INTO stale_person (person) VALUES ($1) ON CONFLICT (person) DO UPDATE SET person = excluded.person",
        [(number,) for number in sorted(people)],
    )
