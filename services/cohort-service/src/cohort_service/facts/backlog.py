"""What the follower of records looks at besides its log: orders to be written again, then people to be evaluated."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.facts.stale_people import StalePeople
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.service import Changed

ORDER = "referring-order"
"""The type of a change that is no record's but asks for the facts of an order; its id is the order's reference."""


class StaleOrdersAndPeople:
    """See `tandem.service.Backlog`."""

    def __init__(self) -> None:
        self._people = StalePeople()

    async def waiting(self, connection: Connection, limit: int) -> Sequence[Changed]:
        rows = await connection.fetch("SELECT reference FROM stale_order ORDER BY reference LIMIT $1", limit)
        orders = [Changed(ORDER, row["reference"]) for row in rows]
        left = limit - len(orders)
        return [*orders, *(await self._people.waiting(connection, left) if left else ())]

    async def take(self, connection: Connection, changes: Sequence[Changed]) -> None:
        orders = [each.id for each in changes if each.type == ORDER]
        if orders:
            await connection.execute(
                f"DELETE FROM stale_order WHERE reference {among(connection.dialect, '$1', 'text')}",
                array(connection.dialect, orders),
            )
        people = [each for each in changes if each.type != ORDER]
        if people:
            await self._people.take(connection, people)
