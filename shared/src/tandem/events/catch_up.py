"""Catch-up: reading an owner's log from where this consumer is, until it is level, through the same inbox.

The log holds every version, so the log from its beginning is the snapshot: a new consumer, a restored one and one that
ran all the time apply the same events in the same order of versions, and end with the same state.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Sequence

from tandem.database.connection import Connection
from tandem.events import inbox_tables
from tandem.events.envelope import Received, decode
from tandem.events.inbox import Inbox
from tandem.events.log import LogPage
from tandem.events.relay import WINDOW

FetchPage = Callable[[int, int], Awaitable[LogPage]]
"""`(after, limit)`: the next page of an owner's log, of what this consumer listens to.

It raises SourceUnavailable when the owner gives no page."""


class SourceUnavailable(Exception):
    """The owner of the log does not answer just now."""


def fingerprint(kinds: Sequence[str]) -> int:
    """By what it is known whether a log was read for these kinds; kept as the cursor `kinds:<source>`."""
    return zlib.crc32("\n".join(kinds).encode())


class CatchUp:
    """Catches one inbox up with the log of one source.

    It begins one window before the cursor: so far, and no further, a fault of the broker can have brought a later event
    before an earlier one. When the service listens to other kinds than the last time it begins at the beginning.
    """

    def __init__(self, source: str, fetch_page: FetchPage, inbox: Inbox, *, page: int = 500) -> None:
        self.source = source
        self._fetch_page = fetch_page
        self._inbox = inbox
        self._page = page
        self._kinds = fingerprint(inbox.kinds)

    async def run(self) -> bool:
        """Catch up, then let the cursor follow the queue; False when the flow was interrupted meanwhile.

        Raises SourceUnavailable or DatabaseUnavailable; what was read until then is kept.
        """
        interruptions = self._inbox.interruptions
        after = await self._begin()
        while True:
            page = await self._fetch_page(after, self._page)
            if events := [Received(decode(envelope), envelope) for envelope in page.envelopes]:
                await self._inbox.receive(events)
                after = events[-1].event.position or after
            after = page.reached or after
            if page.envelopes or page.reached is not None:
                await self._record({self.source: after})
            if page.reached is None and len(events) < self._page:
                break
        await self._record_kinds()
        return await self._inbox.follow(self.source, after, interruptions)

    async def _begin(self) -> int:
        async with self._inbox.database.read() as connection:
            if await _position(connection, self._kinds_name) != self._kinds:
                return 0
            return max(0, await _position(connection, inbox_tables.cursor_name(self.source)) - WINDOW)

    async def _record(self, reached: dict[str, int]) -> None:
        async with self._inbox.database.transaction() as connection:
            await inbox_tables.advance(connection, reached, self._inbox.now())

    async def _record_kinds(self) -> None:
        async with self._inbox.database.transaction() as connection:
            await connection.execute(
                """INSERT INTO cursor (name, position, at) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at""",
                self._kinds_name, self._kinds, self._inbox.now(),
            )  # fmt: skip

    @property
    def _kinds_name(self) -> str:
        return f"kinds:{self.source}"


async def _position(connection: Connection, name: str) -> int:
    return await connection.fetchval("SELECT position FROM cursor WHERE name = $1", name) or 0
