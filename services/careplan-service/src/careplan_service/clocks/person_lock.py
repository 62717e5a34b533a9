"""One transaction at a time works out the clocks of a person; it would not see what another has not committed yet."""

from __future__ import annotations

from tandem.database.connection import Connection

# A key of PostgreSQL's advisory locks, by chance ours.
_CLOCKS = 7_204_118_411
_KEY = f"hashtextextended($1::text, {_CLOCKS})"


async def try_to_hold(connection: Connection, patient: str) -> bool:
    """Hold the person's clocks until the transaction ends, unless another does. SQLite has one writer anyway."""
    if connection.dialect == "sqlite":
        return True
    return bool(await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({_KEY})", patient))


async def hold(connection: Connection, patient: str) -> None:
    """The same, waiting for it. Only for a transaction that holds nothing that another may wait for."""
    if connection.dialect != "sqlite":
        await connection.fetch(f"SELECT pg_advisory_xact_lock({_KEY})", patient)
