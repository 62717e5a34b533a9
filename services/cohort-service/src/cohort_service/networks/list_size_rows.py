"""List sizes of practices by day: recording one again for a day puts it right; the newest by a day counts."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.networks.list_sizes import ListSize, NetworkSize, size_of_network
from cohort_service.networks.organisations import practices_of
from tandem.database.connection import Connection


async def record_sizes(connection: Connection, sizes: Sequence[ListSize], author: str, now_us: int) -> None:
    """Record them; `author` is the code of who says so."""
    await connection.executemany(
        "INSERT INTO list_size (practice, day, registered, weighted, author, recorded) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (practice, day) DO UPDATE SET registered = excluded.registered, weighted = excluded.weighted,"
        " author = excluded.author, recorded = excluded.recorded",
        [(each.practice, each.day, each.registered, each.weighted, author, now_us) for each in sizes],
    )


async def newest_size(connection: Connection, practice: str, day: int) -> ListSize | None:
    """The newest list of a practice by a day."""
    row = await connection.fetchrow(
        "SELECT * FROM list_size WHERE practice = $1 AND day <= $2 ORDER BY day DESC LIMIT 1", practice, day
    )
    return ListSize(practice, row["day"], row["registered"], row["weighted"]) if row is not None else None


async def network_size(connection: Connection, network: str, day: int) -> tuple[NetworkSize, list[ListSize]]:
    """The size of a network on a day, and the lists that make it up."""
    practices = await practices_of(connection, network, day)
    found = [await newest_size(connection, practice, day) for practice in practices]
    sizes = [each for each in found if each is not None]
    return size_of_network(practices, {each.practice: each for each in sizes}, day), sizes
