"""How a loop learns that there is work: at once from its own process, through PostgreSQL from another one."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg

from tandem.database.connection import Database
from tandem.database.postgresql import PostgresDatabase, notice_silence

_log = logging.getLogger(__name__)
OUTBOX_CHANNEL = "tandem_outbox"
_SECONDS = 5
"""So long is PostgreSQL waited for: what waits here is only the faster way."""


class Waker:
    """An alarm that many may ring and one loop waits for. Rings before the wait are not lost; many count as one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def wake(self) -> None:
        """Ring; to be called on the loop's own thread, for example by `Connection.after_commit`."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Wait to be woken for so many seconds at most; False when it was the time that ended it."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def pause(self, seconds: float) -> None:
        """Wait so many seconds whatever rings."""
        await asyncio.sleep(seconds)


class OutboxNotices:
    """Rings a waker when another process of the service has written. Does nothing on SQLite, which has one process.

    NOTIFY is never sent inside a write: its commit takes a lock on the whole server, and writes would queue behind it.
    """

    def __init__(self, database: Database, waker: Waker) -> None:
        self._database = database
        self._url = database.url if isinstance(database, PostgresDatabase) else None
        self._waker = waker
        self._connection: Any = None

    async def listen(self) -> None:
        """Listen, or listen again after the connection was lost; costs nothing while it holds.

        Without it the slow poll still finds every write, so a failure is only written down.
        """
        if self._url is None or (self._connection is not None and not self._connection.is_closed()):
            return
        connection = None
        try:
            connection = await asyncpg.connect(self._url, timeout=_SECONDS, command_timeout=_SECONDS)
            await notice_silence(connection)
            await connection.add_listener(OUTBOX_CHANNEL, self._heard)
        except Exception as error:
            # Whatever the driver makes of a lost connection: the relay must not end for want of a bell.
            _log.warning("cannot listen for writes of other processes: %s", type(error).__name__)
            if connection is not None:
                connection.terminate()
            return
        self._connection = connection
        # What was written before this moment was not heard.
        self._waker.wake()

    async def send(self) -> None:
        """Tell the process that runs the relay that something was written here."""
        if self._url is not None:
            async with self._database.read() as connection:
                await connection.execute("SELECT pg_notify($1, '')", OUTBOX_CHANNEL)

    async def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is None or connection.is_closed():
            return
        try:
            await connection.close(timeout=_SECONDS)
        except Exception as error:
            _log.debug("a listening connection did not close in order: %s", type(error).__name__)
            connection.terminate()

    def _heard(self, *_: object) -> None:
        self._waker.wake()
