"""Numbers of rows that are drawn before the rows are written, so that many can be written at once."""

from __future__ import annotations

from typing import Literal

from tandem.database.connection import Connection


async def draw_numbers(connection: Connection, table: Literal["person", "record"], count: int) -> list[int]:
    """So many numbers, ascending, that no row of the table has or will have. Needs an open transaction."""
    if connection.dialect == "postgresql":
        rows = await connection.fetch(
            f"SELECT nextval(pg_get_serial_sequence('{table}', 'number')) AS n FROM generate_series(1, $1)", count
        )
        return [row["n"] for row in rows]
    # One writer at a time: until this transaction ends nobody else inserts.
    last: int = await connection.fetchval(f"SELECT COALESCE(MAX(number), 0) FROM {table}")
    return list(range(last + 1, last + 1 + count))
