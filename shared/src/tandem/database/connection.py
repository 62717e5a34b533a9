"""The small interface over SQLite and PostgreSQL that the kernel and the services' repositories use.

SQL is written once, with `$1` placeholders, in what both databases understand; `Connection.dialect` is there for the
few statements that must differ. Booleans are stored as integers 0/1, times as integer microseconds, bodies as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgresql"]
Row = Mapping[str, Any]
"""A result row: values by column name (`row["id"]`) or, also, by position (`row[0]`)."""


class UniqueViolation(Exception):
    """A unique key was hit. `constraint` names it (PostgreSQL) or its columns (SQLite)."""

    def __init__(self, constraint: str) -> None:
        self.constraint = constraint
        super().__init__(constraint)


class SerializationConflict(Exception):
    """The database asks for the transaction to be tried again (deadlock, lock not had in time)."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached; the caller may try again later."""


class NoConnectionFree(DatabaseUnavailable):
    """All connections that this asker may use were taken, or the server was not reached, for too long."""


class StatementTimedOut(DatabaseUnavailable):
    """The database ended a statement that took too long: too much at once, or it waited for others for so long."""


class DatabaseFull(DatabaseUnavailable):
    """There is no space left to write to: nothing of the change was written, and reading goes on."""


class CommitUnknown(DatabaseUnavailable):
    """The connection was lost while the commit was under way: the change is written as a whole, or not at all."""


class Connection(Protocol):
    """One database connection, inside a transaction or reading on its own.

    All methods raise UniqueViolation, SerializationConflict, DatabaseUnavailable or DatabaseFull for those faults, and
    the driver's own exception for a fault of the SQL itself.
    """

    dialect: Dialect
    in_transaction: bool
    memory: dict[str, Any]
    """What this process keeps of the database from one transaction to the next; one for all connections of a Database.
    Put into it only what is committed (see `after_commit`)."""

    async def fetch(self, sql: str, *params: Any) -> Sequence[Row]: ...
    async def fetchrow(self, sql: str, *params: Any) -> Row | None: ...
    async def fetchval(self, sql: str, *params: Any) -> Any: ...
    async def execute(self, sql: str, *params: Any) -> int:
        """Run a statement; answers the number of rows it changed."""
        ...

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...
    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert many rows the fastest way that the database has (COPY on PostgreSQL)."""
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once this transaction has committed; never when it rolls back."""
        ...


class Database(Protocol):
    """A service's own database."""

    dialect: Dialect

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for reads that see what is committed; on PostgreSQL a single statement may also write."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction: commits when the block ends, rolls back when it raises. SQLite has one writer at a time.

        Raises CommitUnknown when the connection is lost in the commit.
        """
        ...

    async def close(self) -> None: ...


async def open_database(url: str, *, pool_size: int = 10) -> Database:
    """Open `sqlite:///path` or `postgresql://user@host/name`. Raises ValueError for any other kind of URL."""
    from tandem.database.postgresql import PostgresDatabase
    from tandem.database.sqlite import SqliteDatabase

    if url.startswith("sqlite:///"):
        return SqliteDatabase(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return await PostgresDatabase.connect(url, pool_size=pool_size)
    raise ValueError("a database URL starts with sqlite:/// or postgresql://")
