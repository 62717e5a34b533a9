"""The relay: brings what was committed from a service's outbox to the transport, in order, once a process at a time.

A round gives positions, publishes what lies beyond the cursor, waits until the transport has all of it, and only then
moves the cursor. A crash in between publishes the same events again, which the inboxes know; it never omits one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from enum import Enum

from tandem.database.connection import Database, Row
from tandem.events.counters import PUBLISHED
from tandem.events.envelope import encode
from tandem.events.lease import Lease, LeaseLost
from tandem.events.log import entries
from tandem.events.realtime import Now, backoff, now_micros
from tandem.events.sequencer import Outlook, outlook, sequence
from tandem.events.transport import Outgoing, Transport
from tandem.events.wakeup import OutboxNotices, Waker
from tandem.telemetry.tracing import tracer

_log = logging.getLogger(__name__)

WINDOW = 500
"""So many events at most are published before all of them must be confirmed: how far order can be lost by a fault."""
CURSOR = "relay"
LEASE = "relay"
"""The name of the lease under which positions are given and events published."""
_POLL = 1.0
_HELD_BACK = (0.002, 0.1)
_BETWEEN_NOTICES = 0.01


class Round(Enum):
    """What came of one round."""

    PROGRESS = "events were published, there may be more"
    IDLE = "there was nothing"
    HELD_BACK = "committed events wait for an older transaction to end"
    STANDBY = "another process holds the lease"


class Relay:
    """The relay of one service. `wake` it after each commit that wrote to the outbox, then `run` it as a task.

    `sequenced` is called when events have been given positions, which is when they can be followed.
    """

    def __init__(
        self, database: Database, service: str, transport: Transport, lease: Lease, *, waker: Waker | None = None,
        window: int = WINDOW, now: Now = now_micros, sequenced: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._database = database
        self._service = service
        self._transport = transport
        self._lease = lease
        self._waker = waker or Waker()
        self._notices = OutboxNotices(database, self._waker)
        self._window = min(window, WINDOW)
        self._now = now
        self._sequenced = sequenced

    def wake(self) -> None:
        """Say that something was committed; cheap, and meant for `Connection.after_commit`."""
        self._waker.wake()

    async def run(self) -> None:
        """Relay until cancelled. Loss of broker or database is waited out, and publishing resumes by itself."""
        failures, held_back = 0, 0
        try:
            while True:
                try:
                    state = await self.round()
                except Exception as error:
                    # Whatever it was, the events are safe in the outbox: a relay that gave up would be the real loss.
                    failures += 1
                    _log.warning("the relay of %s waits after %s", self._service, type(error).__name__)
                    await self._waker.pause(backoff(failures, first=0.1, longest=10.0))
                    continue
                failures = 0
                held_back = held_back + 1 if state is Round.HELD_BACK else 0
                await self._listen(state)
                await self._rest(state, held_back)
        finally:
            await self._notices.close()

    async def round(self) -> Round:
        """One round. Raises TransportUnavailable, DatabaseUnavailable or LeaseLost, and then nothing is lost."""
        if not await self._lease.hold():
            return Round.STANDBY
        held_back = await self._sequence()
        if await self._publish():
            return Round.PROGRESS
        return Round.HELD_BACK if held_back else Round.IDLE

    async def _listen(self, state: Round) -> None:
        if state is Round.STANDBY:
            # Who stands by passes on what it hears of itself: were it to listen, it would hear its own notices.
            await self._notices.close()
        else:
            await self._notices.listen()

    async def _rest(self, state: Round, held_back: int) -> None:
        if state is Round.IDLE:
            await self._waker.wait(_POLL)
        elif state is Round.HELD_BACK:
            # The transaction in the way may end without a write of its own, so nobody would ring.
            first, longest = _HELD_BACK
            await self._waker.wait(min(longest, first * 2.0 ** min(held_back, 10)))
        elif state is Round.STANDBY and await self._waker.wait(_POLL):
            await self._pass_on()

    async def _pass_on(self) -> None:
        try:
            await self._notices.send()
        except Exception as error:
            _log.warning("the relay of %s was not told of a write: %s", self._service, type(error).__name__)
        await self._waker.pause(_BETWEEN_NOTICES)

    async def _sequence(self) -> bool:
        async with self._database.read() as connection:
            found = await outlook(connection)
        if found is Outlook.READY:
            async with self._database.transaction() as connection:
                await self._lease.fence(connection)
                connection.after_commit(self._sequenced)
                await sequence(connection, self._window, now=self._now)
        return found is Outlook.HELD_BACK

    async def _publish(self) -> bool:
        async with self._database.read() as connection:
            before = await connection.fetchval("SELECT position FROM cursor WHERE name = $1", CURSOR) or 0
            rows = await entries(connection, before, self._window)
        if not rows:
            return False
        started = time.time_ns()
        # No transaction is open while the transport works.
        await self._transport.publish(self._outgoing(rows))
        await self._move(before, rows[-1]["position"])
        PUBLISHED.labels(self._service).inc(len(rows))
        if (tracing := tracer()) is not None:
            tracing.published(
                self._service, [(row["event_id"], row["kind"], row["correlation"]) for row in rows], started
            )
        return True

    def _outgoing(self, rows: Sequence[Row]) -> list[Outgoing]:
        return [Outgoing(row["position"], row["kind"], encode(row, self._service)) for row in rows]

    async def _move(self, before: int, after: int) -> None:
        async with self._database.transaction() as connection:
            moved = await connection.execute(
                """INSERT INTO cursor (name, position, at) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at
                   WHERE cursor.position = $4""",
                CURSOR, after, self._now(), before,
            )  # fmt: skip
        if moved != 1:
            raise LeaseLost(f"another relay of {self._service} has moved on")
