"""More memory for statements that group or hash many rows, which PostgreSQL would write to disk otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tandem.database.connection import Connection


@asynccontextmanager
async def more_room(connection: Connection, mebibytes: int) -> AsyncIterator[None]:
    """Let each sort, group and hash of the block take so much (work_mem; hashes take `hash_mem_multiplier` times that).

    Not to be nested: the inner one would end the outer. In a transaction it holds until that ends.
    """
    if connection.dialect != "postgresql":
        yield
    elif connection.in_transaction:
        await connection.execute(f"SET LOCAL work_mem = '{mebibytes}MB'")
        yield
    else:
        await connection.execute(f"SET work_mem = '{mebibytes}MB'")
        try:
            yield
        finally:
            # The session is the pool's: whoever has it next would keep so much.
            await connection.execute("RESET work_mem")
