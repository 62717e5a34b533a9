"""A consumer as a whole: queue first, then catch-up, then the queue, and catch-up again after each interruption."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from tandem.events.catch_up import CatchUp
from tandem.events.inbox import Inbox
from tandem.events.realtime import backoff
from tandem.events.retries import Retries
from tandem.events.transport import Transport, TransportUnavailable
from tandem.events.wakeup import Waker

_log = logging.getLogger(__name__)
_ASK_AGAIN = 5.0
_QUIET = 60.0


class Consumer:
    """Keeps one inbox supplied. A source that does not answer holds up neither the queue nor the other sources."""

    def __init__(
        self, inbox: Inbox, transport: Transport, sources: Sequence[CatchUp], retries: Retries, *,
        waker: Waker | None = None,
    ) -> None:  # fmt: skip
        self._inbox = inbox
        self._transport = transport
        self._sources = list(sources)
        self._retries = retries
        self._waker = waker or Waker()
        self._behind = list(sources)
        self.level = asyncio.Event()
        """Set while every source was caught up with since the last interruption."""

    async def run(self) -> None:
        """Consume until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._retries.run())
            tasks.create_task(self._keep_up())

    async def start(self) -> None:
        """Have events kept, read what came before, and begin to take them. Waits for the broker, not for sources."""
        await self._declare()
        await self.step()
        await self._transport.subscribe(self._inbox.consumer, self._inbox.kinds, self._inbox.receive, self._attached)

    async def step(self) -> None:
        """Try to catch up with every source that is behind."""
        behind, self._behind = self._behind, []
        for source in behind:
            if not await self._caught_up(source):
                self._behind.append(source)
        if not self._behind:
            self.level.set()

    def _attached(self) -> None:
        # The queue may be a new one, or this a process that stood by: only the log knows what was missed.
        self._inbox.interrupted()
        self._behind = list(self._sources)
        self.level.clear()
        self._waker.wake()

    async def _keep_up(self) -> None:
        await self.start()
        while True:
            await self._waker.wait(_ASK_AGAIN if self._behind else _QUIET)
            await self.step()

    async def _caught_up(self, source: CatchUp) -> bool:
        try:
            return await source.run()
        except Exception as error:
            # The cursor has not moved past what was not read, so the next attempt goes on from there.
            name = type(error).__name__
            _log.warning("%s cannot catch up with %s yet: %s", self._inbox.consumer, source.source, name)
            return False

    async def _declare(self) -> None:
        failures = 0
        while True:
            try:
                return await self._transport.declare(self._inbox.consumer, self._inbox.kinds)
            except TransportUnavailable:
                failures += 1
                await self._waker.pause(backoff(failures, first=0.1, longest=10.0))
