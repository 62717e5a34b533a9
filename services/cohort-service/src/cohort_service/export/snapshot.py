"""The service's tables as they stood at one moment, read row by row: as CSV, which every engine takes in by streams.

Text stands in quotes and NULL is nothing at all, so that an empty text is not taken for NULL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from cohort_service.export.exported_tables import ExportedTable
from tandem.database.connection import Connection
from tandem.database.postgresql import PostgresConnection
from tandem.database.sqlite import SqliteConnection

Sink = Callable[[bytes], Awaitable[None]]
_ROWS_AT_ONCE = 20_000


class Snapshot(Protocol):
    """One moment of a database; `connection` reads the same moment."""

    connection: Connection

    async def write(self, table: ExportedTable, sink: Sink) -> None:
        """Give all rows of the table to `sink`, a piece at a time."""
        ...


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Snapshot]:
    """A snapshot of the database at `sqlite:///path` or `postgresql://...`, for reading only.

    Raises ValueError for another kind of URL, OSError or the driver's own exception for one that cannot be opened.
    """
    if url.startswith("sqlite:///"):
        with closing(_opened(Path(url.removeprefix("sqlite:///")))) as raw:
            yield _SqliteSnapshot(raw)
    elif url.startswith(("postgresql://", "postgres://")):
        connection = await asyncpg.connect(url, timeout=30, server_settings={"application_name": "tandem-export"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield _PostgresSnapshot(connection)
        finally:
            await connection.close()
    else:
        raise ValueError("a database URL starts with sqlite:/// or postgresql://")


def _opened(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    raw.row_factory = sqlite3.Row
    raw.execute("BEGIN")
    return raw


class _PostgresSnapshot:
    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.connection: Connection = PostgresConnection(raw, {}, in_transaction=True)

    async def write(self, table: ExportedTable, sink: Sink) -> None:
        quoted = [name for name, kind in table.columns.items() if kind == "VARCHAR"]
        await self._raw.copy_from_table(
            table.name, columns=list(table.columns), output=sink, format="csv", force_quote=quoted or None
        )


class _SqliteSnapshot:
    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        self.connection: Connection = SqliteConnection(raw, {}, in_transaction=True)

    async def write(self, table: ExportedTable, sink: Sink) -> None:
        rows = self._raw.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}")
        while batch := rows.fetchmany(_ROWS_AT_ONCE):
            await sink("".join(f"{','.join(map(_csv, row))}\n" for row in batch).encode())


def _csv(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else repr(value)
