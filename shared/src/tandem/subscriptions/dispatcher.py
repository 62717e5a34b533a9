"""The loop of a service's Subscriptions: who is to be told something gets a turn, and no one waits for a slow endpoint.

One process of the service at a time, under a lease. So many turns run at once, and only so many of one organisation:
an endpoint that hangs holds a place for seconds, then longer and longer not at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence

from tandem.clock import Clock, to_micros
from tandem.database.connection import Database, Row
from tandem.events.lease import Lease
from tandem.events.realtime import SECOND, Now, backoff
from tandem.events.wakeup import Waker
from tandem.subscriptions.delivery import Delivery
from tandem.subscriptions.sender import Sender
from tandem.subscriptions.status import StatusWriter

LEASE = "subscriptions"
_log = logging.getLogger(__name__)
_AT_ONCE, _OF_ONE_ORGANISATION = 64, 8
_POLL = 1.0
_ROWS = """
SELECT id, organisation, state, type, ends, position, next_at FROM subscription WHERE state IN ('requested', 'active')
"""
_HEADS = "SELECT name, position FROM cursor WHERE name LIKE 'kind:fhir.%'"


class Dispatcher:
    """Serves the Subscriptions of one service. `wake` it when events have been given positions."""

    def __init__(
        self, database: Database, service: str, clock: Clock, delivery: Delivery, status: StatusWriter, sender: Sender,
        lease: Lease, *, now: Now, registered_only: Callable[[], bool] = lambda: False, waker: Waker | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._service = service
        self._clock = clock
        self._delivery = delivery
        self._status = status
        self._sender = sender
        self._lease = lease
        self._now = now
        self._registered_only = registered_only
        self._waker = waker or Waker()
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._served_at: dict[str, int] = {}
        self._failed_until: dict[str, int] = {}
        self._turns = 0

    def wake(self) -> None:
        """Say that there may be something to tell; cheap, and called for every batch of events."""
        self._waker.wake()

    async def run(self) -> None:
        """Serve until cancelled. The loss of the database is waited out."""
        failures = 0
        try:
            while True:
                try:
                    await self.turn()
                    failures = 0
                except Exception as error:
                    # What was not told stays untold; the next turn finds it.
                    failures += 1
                    _log.warning("subscriptions of %s wait after %s", self._service, type(error).__name__)
                    await self._waker.pause(backoff(failures, first=0.1, longest=10.0))
                    continue
                await self._waker.wait(_POLL)
        finally:
            await self.close()

    async def turn(self) -> None:
        """Look at all Subscriptions once: activate, end, and begin the turns of those that have something waiting."""
        if not await self._lease.hold():
            await self._end_turns()
            return
        async with self._database.read() as connection:
            rows = await connection.fetch(_ROWS)
            heads = {row["name"]: row["position"] for row in await connection.fetch(_HEADS)} if rows else {}
        for row in rows:
            if row["ends"] is not None and row["ends"] <= to_micros(self._clock.now()):
                await self._status.change(row["id"], row["state"], "off")
            elif row["state"] == "requested":
                await self._status.change(row["id"], "requested", "active")
                self.wake()
        if not self._registered_only():
            self._begin([row for row in rows if row["state"] == "active" and _head(heads, row) > row["position"]])
        self._forget(rows)

    async def close(self) -> None:
        """End the turns and the connections."""
        await self._end_turns()
        await self._sender.close()

    async def idle(self) -> None:
        """Wait until the turns that have begun are over."""
        await asyncio.gather(*(task for _, task in self._running.values()), return_exceptions=True)

    def _begin(self, waiting: Sequence[Row]) -> None:
        now = self._now()
        busy = Counter(organisation for organisation, _ in self._running.values())
        # Who was served longest ago comes first.
        for row in sorted(waiting, key=lambda row: self._served_at.get(row["id"], 0)):
            subscription, organisation = row["id"], row["organisation"]
            if len(self._running) >= _AT_ONCE:
                return
            rests = max(row["next_at"], self._failed_until.get(subscription, 0)) > now
            ended = row["ends"] is not None and row["ends"] <= to_micros(self._clock.now())
            if rests or ended or subscription in self._running or busy[organisation] >= _OF_ONE_ORGANISATION:
                continue
            busy[organisation] += 1
            self._turns += 1
            self._served_at[subscription] = self._turns
            task = asyncio.create_task(self._serve(subscription), name=f"{self._service} subscription")
            self._running[subscription] = (organisation, task)

    async def _serve(self, subscription: str) -> None:
        try:
            await self._delivery.turn(subscription)
        except Exception as error:
            _log.warning("a subscription of %s waits after %s", self._service, type(error).__name__)
            self._failed_until[subscription] = self._now() + SECOND
        finally:
            self._running.pop(subscription, None)
            self.wake()

    def _forget(self, rows: Sequence[Row]) -> None:
        known = {row["id"] for row in rows}
        for memory in (self._served_at, self._failed_until):
            for subscription in memory.keys() - known:
                del memory[subscription]

    async def _end_turns(self) -> None:
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _head(heads: dict[str, int], row: Row) -> int:
    """The position of the newest version of the type that is watched."""
    return max(heads.get(f"kind:fhir.{row['type']}.{action}", 0) for action in ("create", "update"))
