"""PostgreSQL through asyncpg: a pool, prepared statements, one round trip for the hot statements."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tandem.database.connection import (
    CommitUnknown,
    Connection,
    DatabaseFull,
    DatabaseUnavailable,
    Dialect,
    NoConnectionFree,
    Row,
    SerializationConflict,
    StatementTimedOut,
    UniqueViolation,
)  # fmt: skip
from tandem.database.pool_lanes import PoolLanes
from tandem.telemetry.state import Pool

_log = logging.getLogger(__name__)
_GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError, TimeoutError, asyncpg.CannotConnectNowError,
         asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.QueryCanceledError,
         # how the driver shows that a connection broke in the middle of an answer
         asyncpg.InternalClientError,
         # no connections, memory or space left; a standby that a failover has left behind
         asyncpg.InsufficientResourcesError, asyncpg.ReadOnlySQLTransactionError)  # fmt: skip
# The last: a migration has changed a table since the statement was prepared; the next attempt prepares it anew.
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError,
          asyncpg.InvalidCachedStatementError)  # fmt: skip

STATEMENT_SECONDS = 60
"""So long may one statement take: then the server ends it."""
_ANSWER_SECONDS = STATEMENT_SECONDS + 5
"""So long is an answer waited for: then the server is not heard any more, or it would have ended the statement."""
_CONNECT_SECONDS = 10
_FAREWELL_SECONDS = 5
_IDLE_SECONDS = 120
"""So long may a transaction of ours stand still before the server takes its locks back: nothing moves on in the log
while it is open, and a process whose network is gone cannot end it."""
_SESSION = {
    "application_name": "tandem",
    # Statements over many cohorts are long: compiling them costs more than it ever gives back.
    "jit": "off",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
    # The server notices within half a minute that this process cannot be reached any more.
    "tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}  # fmt: skip
_KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""The same from this side; the last in milliseconds (tcp(7))."""


class _Unreset(asyncpg.Connection):
    """No reset query on release: what is set is set back (`more_room`), and the round trip costs more than a read."""

    def get_reset_query(self) -> str:
        return ""


class PostgresConnection:
    """One asyncpg connection behind the Connection interface."""

    dialect: Dialect = "postgresql"

    def __init__(
        self, raw: Any, memory: dict[str, Any], *, in_transaction: bool, places: Sequence[asyncio.Semaphore] = ()
    ) -> None:
        self._raw = raw
        self.memory = memory
        self.places = places
        """What it has taken of the pool's lanes."""
        self.in_transaction = in_transaction
        self._callbacks: list[Callable[[], None]] = []
        self.silent = False
        """Whether an answer did not come in time, or came apart: then the connection is of no use any more."""

    async def fetch(self, sql: str, *params: Any) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._raw.fetch(sql, *params)
            return rows
        except Exception as error:
            raise self.noted(error) from error

    async def fetchrow(self, sql: str, *params: Any) -> Row | None:
        try:
            row: Row | None = await self._raw.fetchrow(sql, *params)
            return row
        except Exception as error:
            raise self.noted(error) from error

    async def fetchval(self, sql: str, *params: Any) -> Any:
        row = await self.fetchrow(sql, *params)
        return row[0] if row is not None else None  # type: ignore[index]

    async def execute(self, sql: str, *params: Any) -> int:
        try:
            status: str = await self._raw.execute(sql, *params)
        except Exception as error:
            raise self.noted(error) from error
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            await self._raw.executemany(sql, rows)
        except Exception as error:
            raise self.noted(error) from error

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        try:
            await self._raw.copy_records_to_table(table, records=rows, columns=list(columns))
        except Exception as error:
            raise self.noted(error) from error

    def noted(self, error: Exception) -> Exception:
        """The fault in the words of the interface."""
        self.silent = self.silent or isinstance(error, (TimeoutError, asyncpg.InternalClientError))
        return _translated(error)

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def committed(self) -> None:
        """Run and forget what waited for the commit."""
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


class PostgresDatabase:
    """A PostgreSQL database behind a pool with lanes."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: Any, url: str) -> None:
        self._pool = pool
        self.lanes = PoolLanes(pool.get_max_size())
        self.url = url
        self._memory: dict[str, Any] = {}
        self._waiting = 0

    @classmethod
    async def connect(cls, url: str, *, pool_size: int) -> PostgresDatabase:
        """Open the pool. Raises DatabaseUnavailable when the server does not answer."""
        try:
            pool = await asyncpg.create_pool(
                url, min_size=1, max_size=pool_size, connection_class=_Unreset, init=notice_silence,
                timeout=_CONNECT_SECONDS, command_timeout=_ANSWER_SECONDS, server_settings=_SESSION,
                # The statement over all cohorts has some 75 kB. Planned each time it takes 30 ms, which is ten times
                # what it takes to run for one person; the driver by itself keeps none above 15 kB.
                max_cacheable_statement_size=256 * 1024,
            )  # fmt: skip
        except _GONE as error:
            raise DatabaseUnavailable("PostgreSQL does not answer") from error
        return cls(pool, url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        raw, places = await self._acquire()
        connection = PostgresConnection(raw, self._memory, in_transaction=False, places=places)
        try:
            yield connection
            connection.committed()
        finally:
            await self._release(raw, connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        raw, places = await self._acquire()
        connection = PostgresConnection(raw, self._memory, in_transaction=True, places=places)
        try:
            transaction = raw.transaction()
            await self._begin(transaction, connection)
            try:
                yield connection
            except BaseException:
                await self._rollback(raw, transaction, connection)
                raise
            try:
                await transaction.commit()
            except Exception as error:
                translated = connection.noted(error)
                if isinstance(translated, DatabaseUnavailable) and not isinstance(translated, DatabaseFull):
                    raise CommitUnknown("the connection to PostgreSQL was lost in a commit") from error
                raise translated from error
            connection.committed()
        finally:
            await self._release(raw, connection)

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), timeout=5)
        except TimeoutError:
            self._pool.terminate()

    def pool_state(self) -> Pool:
        """How many connections are open, in use and waited for."""
        size = self._pool.get_size()
        return Pool(size, size - self._pool.get_idle_size(), self._pool.get_max_size(), self._waiting)

    async def _acquire(self) -> tuple[Any, Sequence[asyncio.Semaphore]]:
        self._waiting += 1
        try:
            places = await self.lanes.take(_CONNECT_SECONDS)
            try:
                return await self._pool.acquire(timeout=_CONNECT_SECONDS), places
            except BaseException:
                self.lanes.give_back(places)
                raise
        except TimeoutError as error:
            raise NoConnectionFree("no connection to PostgreSQL came free in time") from error
        except _GONE as error:
            raise DatabaseUnavailable("PostgreSQL does not answer") from error
        finally:
            self._waiting -= 1

    async def _release(self, raw: Any, connection: PostgresConnection) -> None:
        if connection.silent:
            # An orderly end would wait for the same answer.
            _terminate(raw)
        try:
            await self._pool.release(raw, timeout=_FAREWELL_SECONDS)
        except _GONE:
            _log.warning("a PostgreSQL connection was lost")
        finally:
            self.lanes.give_back(connection.places)

    async def _begin(self, transaction: Any, connection: PostgresConnection) -> None:
        try:
            await transaction.start()
        except Exception as error:
            # A connection of the pool may have been lost while nobody used it.
            connection.silent = True
            raise connection.noted(error) from error

    async def _rollback(self, raw: Any, transaction: Any, connection: PostgresConnection) -> None:
        if connection.silent:
            return
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await transaction.rollback()
        except (*_GONE, asyncpg.PostgresError):
            # The connection died; the server rolls back by itself.
            _log.warning("a transaction ended with its connection")
            _terminate(raw)


def _terminate(raw: Any) -> None:
    try:
        raw.terminate()
    except asyncpg.InterfaceError:
        _log.debug("the pool has ended the connection already")


async def notice_silence(connection: Any) -> None:
    """Have the system notice within half a minute that the server is not reached any more (Linux; elsewhere the time
    limit on an answer does)."""
    transport = getattr(connection, "_transport", None)
    held = None if transport is None else transport.get_extra_info("socket")
    if held is None or held.family == getattr(socket, "AF_UNIX", None):
        return
    held.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            held.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _translated(error: Exception) -> Exception:
    if isinstance(error, asyncpg.UniqueViolationError):
        return UniqueViolation(str(getattr(error, "constraint_name", "") or ""))
    if isinstance(error, _AGAIN):
        return SerializationConflict(type(error).__name__)
    # asyncpg's own DataError (a value it cannot encode) is an InterfaceError too, but a fault of the call.
    if isinstance(error, asyncpg.DiskFullError):
        return DatabaseFull("there is no space left for PostgreSQL")
    if isinstance(error, asyncpg.QueryCanceledError):
        return StatementTimedOut(f"PostgreSQL ended a statement after {STATEMENT_SECONDS} seconds")
    if isinstance(error, _GONE) and not isinstance(error, ValueError):
        return DatabaseUnavailable("the connection to PostgreSQL was lost")
    return error
