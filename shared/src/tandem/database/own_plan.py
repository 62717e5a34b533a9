"""A plan made for the values at hand: one that PostgreSQL keeps for all values may be bad for some."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tandem.database.connection import Connection


@asynccontextmanager
async def planned_anew(connection: Connection) -> AsyncIterator[None]:
    """Have PostgreSQL plan what is asked in the block for its own values. Planning costs a little each time.

    Not set back when the block raises: in a transaction it is undone with it, and elsewhere it costs a little time.
    """
    if connection.dialect == "postgresql":
        await connection.execute("SET plan_cache_mode = force_custom_plan")
    yield
    if connection.dialect == "postgresql":
        await connection.execute("RESET plan_cache_mode")
