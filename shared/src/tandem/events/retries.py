"""The loop that comes back to parked events: retries that are due, gaps that were filled, gaps that were not."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from tandem.database.connection import Row
from tandem.events import parking
from tandem.events.envelope import Received, decode
from tandem.events.inbox import Inbox
from tandem.events.wakeup import Waker

_log = logging.getLogger(__name__)
_AT_ONCE = 100
_POLL = 1.0

FetchMissing = Callable[[str, str, str, int, int], Awaitable[Sequence[bytes]]]
"""`(source, type, id, after, before)`: envelopes of the versions between the two, from the owner's log."""


class Retries:
    """Retries for one inbox; every process of the service may run them, each parked event is taken by one."""

    def __init__(self, inbox: Inbox, *, fetch_missing: FetchMissing | None = None, waker: Waker | None = None) -> None:
        self._inbox = inbox
        self._fetch_missing = fetch_missing
        self._waker = waker or Waker()

    def wake(self) -> None:
        """Look at once, for example after a replay of dead letters."""
        self._waker.wake()

    async def run(self) -> None:
        """Retry until cancelled."""
        while True:
            try:
                await self.step()
            except Exception as error:
                # What is parked stays parked; the next turn finds it.
                _log.warning("retries of %s wait after %s", self._inbox.consumer, type(error).__name__)
            await self._waker.wait(_POLL)

    async def step(self) -> int:
        """One turn; answers how many parked events were looked at."""
        inbox = self._inbox
        async with inbox.database.read() as connection:
            rows = [*await parking.due_retries(connection, inbox.consumer, inbox.now(), _AT_ONCE)]
            rows += await parking.unblocked(connection, inbox.consumer, None, _AT_ONCE)
        for row in rows:
            await inbox.retry(row)
        return len(rows) + await self._fill_gaps()

    async def _fill_gaps(self) -> int:
        if self._fetch_missing is None:
            return 0
        inbox = self._inbox
        async with inbox.database.read() as connection:
            rows = await parking.overdue(connection, inbox.consumer, inbox.now(), _AT_ONCE)
        for row in rows:
            # Put off first: an owner that does not answer is not asked again every second.
            async with inbox.database.transaction() as connection:
                await parking.postpone(connection, row, inbox.now() + inbox.gap)
            await self._fetch(row, self._fetch_missing)
        return len(rows)

    async def _fetch(self, row: Row, fetch_missing: FetchMissing) -> None:
        event = decode(row["envelope"])
        resource_type, _, resource_id = row["subject"].partition("/")
        try:
            found = await fetch_missing(event.source, resource_type, resource_id, row["reached"], row["version"])
        except Exception as error:
            _log.warning("%s does not answer for a missing version: %s", event.source, type(error).__name__)
            return
        if found:
            await self._inbox.receive([Received(decode(envelope), envelope) for envelope in found])
