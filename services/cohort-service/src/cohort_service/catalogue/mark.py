"""The mark of the catalogue: tells in one cheap read whether anything changed, so that processes can keep what they
made of it. Random, not counted: a change that was rolled back must not leave its number to the next one."""

from __future__ import annotations

from uuid import uuid4

from tandem.database.connection import Connection

_NAME = "catalogue"
# A key of PostgreSQL's advisory locks, by chance ours.
_CATALOGUE = 7_204_118_377


async def current_mark(connection: Connection) -> str:
    """The mark as this transaction sees it; empty before the first change."""
    mark: str | None = await connection.fetchval("SELECT mark FROM catalogue_mark WHERE name = $1", _NAME)
    return mark or ""


async def hold_catalogue(connection: Connection) -> None:
    """Let no other change of the catalogue in until this transaction ends.

    Comes before a change is checked against what stands: two definitions that are sound each by itself may not be so
    together. Whoever waits here sees, in its next statement, what the other committed. SQLite has one writer anyway.
    """
    if connection.dialect == "postgresql":
        await connection.fetch("SELECT pg_advisory_xact_lock($1)", _CATALOGUE)


async def set_new_mark(connection: Connection) -> str:
    """Give the catalogue a new mark, and answer it. Comes after the change: what is read under a mark is kept."""
    mark = uuid4().hex
    await connection.execute(
        "INSERT INTO catalogue_mark (name, mark) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET mark = excluded.mark",
        _NAME, mark,
    )  # fmt: skip
    return mark
