"""Which organisations read an Appointment or Schedule because they take part in it.

A meeting, a round or a joint appointment is made by one organisation, and those whose people come to it have to see it.
That gives them this one record and no part in anybody's care. Only who may write the record names them.
"""

from __future__ import annotations

from collections.abc import Iterable

from tandem.database.connection import Connection
from tandem.identity.access import SHARED_BY_NAME


async def share_by_name(
    connection: Connection, resource_type: str, resource_id: str, organisations: Iterable[str]
) -> None:
    """From now on exactly these organisations (codes) take part. Raises ValueError for a type not shared like that."""
    if resource_type not in SHARED_BY_NAME:
        raise ValueError(f"{resource_type} is not shared by name")
    await connection.execute("DELETE FROM shared_with WHERE type = $1 AND id = $2", resource_type, resource_id)
    for organisation in sorted(set(organisations)):
        await connection.execute(
            "INSERT INTO shared_with (type, id, organisation) VALUES ($1, $2, $3)",
            resource_type, resource_id, organisation,
        )  # fmt: skip


async def shared_by_name(connection: Connection, resource_type: str, resource_id: str) -> list[str]:
    """Who takes part, by code."""
    rows = await connection.fetch(
        "SELECT organisation FROM shared_with WHERE type = $1 AND id = $2 ORDER BY organisation",
        resource_type, resource_id,
    )  # fmt: skip
    return [row["organisation"] for row in rows]
