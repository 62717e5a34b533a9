"""Whether a database answers, for `/health/ready`."""

from __future__ import annotations

from tandem.database.connection import Database


async def database_state(database: Database) -> str:
    """`ok`, or that the database does not answer or has no tables yet."""
    try:
        async with database.read() as connection:
            await connection.fetchval("SELECT 1 FROM lease LIMIT 1")
    except Exception as error:
        return f"the database does not answer, or `tandem migrate` has not run ({type(error).__name__})"
    return "ok"
