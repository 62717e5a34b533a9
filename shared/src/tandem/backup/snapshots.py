"""Snapshots of all databases of a deployment, such that none has read further in another's log than that log goes.

What one service learns of another it learns by position, and only what has a position can be read. So positions are
withheld in all services while the snapshots are opened, which takes milliseconds; writes go on meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Protocol

import asyncpg

from tandem.backup import postgresql_programs
from tandem.backup.manifest import DatabaseState, flush
from tandem.backup.refusal import Refused
from tandem.backup.state import state_of
from tandem.database.postgresql import PostgresConnection
from tandem.database.sqlite import SqliteConnection
from tandem.service import Service

_ATTEMPTS = 200
_PAUSE = 0.1
_SQLITE = "sqlite:///"
_LATE = ("gateway", "cohort-service")
"""The gateway's jobs count what they have written elsewhere, so its snapshot comes first; what others look up at
cohort-service besides its log is then in cohort-service's, which comes last."""


class Snapshot(Protocol):
    """One database as it was at the cut."""

    suffix: str
    """Of the file that `copy` writes."""

    async def state(self, service: Service) -> DatabaseState:
        """What it holds. Raises Refused when it is not the service's own."""
        ...

    async def copy(self, path: Path) -> None:
        """Write it to a file that does not exist. Raises Refused."""
        ...


@asynccontextmanager
async def snapshots(databases: Mapping[str, str]) -> AsyncIterator[dict[str, Snapshot]]:
    """A snapshot of each database, all of one cut. Raises Refused when one cannot be opened, or is always busy."""
    async with AsyncExitStack() as opened:
        async with AsyncExitStack() as withheld:
            await _withhold_all(databases, withheld)
            found = {name: await _open(databases[name], opened) for name in _in_order(databases)}
        yield found


def _in_order(databases: Mapping[str, str]) -> list[str]:
    first, last = _LATE
    return sorted(databases, key=lambda name: (name != first, name == last, name))


async def _withhold_all(databases: Mapping[str, str], withheld: AsyncExitStack) -> None:
    """All or none: whoever held some and waited for the rest could wait for a write that waits for them."""
    for _ in range(_ATTEMPTS):
        async with AsyncExitStack() as attempt:
            try:
                for url in databases.values():
                    await attempt.enter_async_context(_withheld(url))
            except _Busy:
                pass
            else:
                withheld.push_async_callback(attempt.pop_all().aclose)
                return
        await asyncio.sleep(_PAUSE)
    raise Refused("the databases are never free for the moment that a backup needs; nothing was written")


class _Busy(Exception):
    """Somebody else has what is needed just now."""


@asynccontextmanager
async def _withheld(url: str) -> AsyncIterator[None]:
    if url.startswith(_SQLITE):
        with closing(_connect(url)) as raw:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _Busy from error
            yield
            raw.execute("ROLLBACK")
        return
    connection = await _reach(url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '500ms'")
            try:
                # The sequencer's insert waits for this, and this for the insert that is under way. Nobody else does.
                await connection.execute("LOCK TABLE event_position IN SHARE MODE")
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
                raise _Busy from error
            except asyncpg.UndefinedTableError:
                raise Refused(f"the database {_place(url)} has no tables: `tandem migrate` has not run on it") from None
            yield
    finally:
        await connection.close(timeout=5)


async def _open(url: str, opened: AsyncExitStack) -> Snapshot:
    if url.startswith(_SQLITE):
        raw = _connect(url)
        opened.callback(raw.close)
        # The first read of a transaction is what fixes what it sees.
        raw.execute("BEGIN")
        raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        return _SqliteSnapshot(raw)
    connection = await _reach(url)
    opened.push_async_callback(connection.close, timeout=5)
    await opened.enter_async_context(connection.transaction(isolation="repeatable_read", readonly=True))
    return _PostgresqlSnapshot(connection, url, await connection.fetchval("SELECT pg_export_snapshot()"))


class _SqliteSnapshot:
    suffix = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    async def state(self, service: Service) -> DatabaseState:
        return await state_of(SqliteConnection(self._raw, {}, in_transaction=False), service)

    async def copy(self, path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            # Made durable once, at the end.
            copy.execute("PRAGMA synchronous = OFF")
            # All at once, out of the transaction that is open: what is written meanwhile is not in sight of it.
            self._raw.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise Refused(f"the copy of {path.stem} is damaged: the database is, or the disk of the copy")
        flush(path)


class _PostgresqlSnapshot:
    suffix = "dump"

    def __init__(self, connection: asyncpg.Connection, url: str, snapshot: str) -> None:
        self._connection, self._url, self._snapshot = connection, url, snapshot

    async def state(self, service: Service) -> DatabaseState:
        return await state_of(PostgresConnection(self._connection, {}, in_transaction=True), service)

    async def copy(self, path: Path) -> None:
        await postgresql_programs.dump(self._url, self._snapshot, path)
        flush(path)


def _connect(url: str) -> sqlite3.Connection:
    path = Path(url.removeprefix(_SQLITE))
    if not path.is_file():
        raise Refused(f"there is no database at {path}")
    raw = sqlite3.connect(path, isolation_level=None, timeout=0.05)
    raw.row_factory = sqlite3.Row
    return raw


async def _reach(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        raise Refused(f"the database {_place(url)} cannot be reached: {type(error).__name__}") from None


def _place(url: str) -> str:
    """Host and name of a database, without user and password."""
    return url.rpartition("@")[2].removeprefix("postgresql://").removeprefix("postgres://")
