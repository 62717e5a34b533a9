"""Postcode sectors and the network whose area they are in from a day on, as a commissioner laid down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tandem.database.connection import Connection, Row
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.derivation import hold


async def record_sectors(connection: Connection, sectors: Sequence[tuple[Any, Any, Any]], commissioner: str) -> None:
    """Record (sector, network, first day). Raises FhirError 409 for a sector that another commissioner holds."""
    # Two commissioners may take a sector at once: the second waits here, and then sees the first one's row.
    await hold(connection, ["sector_network"])
    foreign = "SELECT author FROM sector_network WHERE sector = $1 AND author <> $2 LIMIT 1"
    for sector, _, _ in sectors:
        if await connection.fetchval(foreign, sector, commissioner) is not None:
            raise FhirError(Kind.CONFLICT, "A sector of this list is held by another commissioner")
    await connection.executemany(
        "INSERT INTO sector_network (sector, network, first_day, author) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (sector, first_day) DO UPDATE SET network = excluded.network",
        [(*each, commissioner) for each in sectors],
    )


async def sectors_of(connection: Connection, commissioner: str, day: int) -> Sequence[Row]:
    """The sectors of a commissioner (`sector`, `network`, `first_day`) as they stand on a day."""
    return await connection.fetch(
        "SELECT s.sector, s.network, s.first_day FROM sector_network s WHERE s.author = $1 AND s.first_day ="
        " (SELECT MAX(n.first_day) FROM sector_network n WHERE n.sector = s.sector AND n.first_day <= $2)"
        " ORDER BY s.sector",
        commissioner, day,
    )  # fmt: skip
