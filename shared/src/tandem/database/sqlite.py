"""SQLite: one writer and one reader connection in write-ahead mode, called on the event loop.

A call takes tens of microseconds and a durable commit about a quarter of a millisecond, less than the hops to a
thread and back would (figures in docs/decisions/0003-storage.md). A transaction holds the writer lock across awaits;
readers are never blocked by it.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from tandem.database.connection import (
    Connection,
    DatabaseFull,
    DatabaseUnavailable,
    Dialect,
    Row,
    SerializationConflict,
    UniqueViolation,
)  # fmt: skip

_PLACEHOLDER = re.compile(r"\$(\d+)")
_NOT_THERE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_PRIMARY = 0xFF
"""The part of a result code that says what it is; the rest says where (https://www.sqlite.org/rescode.html)."""


@lru_cache(maxsize=4096)
def _numbered(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", sql)


class SqliteConnection:
    """One sqlite3 connection behind the Connection interface."""

    dialect: Dialect = "sqlite"

    def __init__(self, raw: sqlite3.Connection, memory: dict[str, Any], *, in_transaction: bool) -> None:
        self._raw = raw
        self.memory = memory
        self.in_transaction = in_transaction
        self._callbacks: list[Callable[[], None]] = []

    async def fetch(self, sql: str, *params: Any) -> Sequence[Row]:
        return self._run(sql, params).fetchall()

    async def fetchrow(self, sql: str, *params: Any) -> Row | None:
        rows = self._run(sql, params).fetchall()
        return rows[0] if rows else None

    async def fetchval(self, sql: str, *params: Any) -> Any:
        rows = self._run(sql, params).fetchall()
        return rows[0][0] if rows else None

    async def execute(self, sql: str, *params: Any) -> int:
        return self._run(sql, params).rowcount

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._raw.executemany(_numbered(sql), rows)
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
            await self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def committed(self) -> None:
        """Run and forget what waited for the commit."""
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def rolled_back(self) -> None:
        """Forget what waited for the commit."""
        self._callbacks = []

    def _run(self, sql: str, params: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._raw.execute(_numbered(sql), params)
        except sqlite3.Error as error:
            raise _translated(error) from error


class SqliteDatabase:
    """A database in one file (or `:memory:` is not offered: reader and writer must share it)."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._writer_raw = _connect(path)
        self._writer_raw.execute("PRAGMA journal_mode = WAL")
        # Pages that many transactions change are written back once for all of them. 16 MB of log, read at a restart.
        self._writer_raw.execute("PRAGMA wal_autocheckpoint = 4000")
        memory: dict[str, Any] = {}
        self._writer = SqliteConnection(self._writer_raw, memory, in_transaction=True)
        self._reader_raw = _connect(path)
        self._reader_raw.execute("PRAGMA query_only = ON")
        self._reader = SqliteConnection(self._reader_raw, memory, in_transaction=False)
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        yield self._reader

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._writing:
            try:
                self._writer_raw.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise _translated(error) from error
            try:
                yield self._writer
                self._commit()
            except BaseException:
                if self._writer_raw.in_transaction:
                    self._writer_raw.execute("ROLLBACK")
                self._writer.rolled_back()
                raise
            self._writer.committed()

    def _commit(self) -> None:
        try:
            self._writer_raw.execute("COMMIT")
        except sqlite3.Error as error:
            raise _translated(error) from error

    async def close(self) -> None:
        self._reader_raw.close()
        self._writer_raw.close()


def _connect(path: str) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=10)
    raw.row_factory = sqlite3.Row
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA cache_size = -16000")
    return raw


def _translated(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
        return UniqueViolation(str(error).removeprefix("UNIQUE constraint failed: "))
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return SerializationConflict(str(error))
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        return DatabaseFull("there is no space left for the database")
    if code in _NOT_THERE:
        return DatabaseUnavailable("the file of the database cannot be read or written")
    return error
