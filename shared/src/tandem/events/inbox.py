"""The inbox: every event has its effect exactly once, versions of a resource in order, and no failure blocks others.

A consumer may be given any event any number of times and in any order. `receive` returns when each is either applied
in a committed transaction or parked durably; only then may the transport acknowledge.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from tandem.database.connection import Database, DatabaseUnavailable, Row, SerializationConflict
from tandem.events import inbox_tables, parking
from tandem.events.counters import APPLIED
from tandem.events.envelope import Received, decode
from tandem.events.handler_time import HANDLER_SECONDS, HandlerTimedOut
from tandem.events.inbox_transaction import Handlers, InboxTransaction, WorkFactory
from tandem.events.kinds import widened
from tandem.events.realtime import SECOND, Now, backoff, now_micros
from tandem.service import Listener, Timer

_log = logging.getLogger(__name__)
_CONFLICTS = 3
_FILL = 100


class Inbox:
    """The inbox of one service. All its listeners take part in one transaction per event.

    After `attempts` failed attempts an event is a dead letter; until then the wait doubles from one second to ten
    minutes. `gap` is how many seconds an event waits for a missing version before the owner is asked for it, `seconds`
    how long the handlers of one event may take: then they are ended, and the event has failed.
    `committed` is called after each transaction in which handlers ran.
    """

    def __init__(
        self, database: Database, service: str, listeners: Sequence[Listener], work_factory: WorkFactory, *,
        timers: Sequence[Timer] = (), attempts: int = 8, gap: float = 30.0, seconds: float = HANDLER_SECONDS,
        now: Now = now_micros, committed: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.database = database
        self.consumer = service
        self.kinds = widened(pattern for listener in listeners for pattern in listener.kinds)
        self.gap = int(gap * SECOND)
        self.now = now
        self.interruptions = 0
        self._attempts = attempts
        self._committed = committed
        self._transaction = InboxTransaction(service, Handlers(listeners, timers), work_factory, self.gap, seconds)
        # One transaction at a time in a process, so that a version and its successor do not pass each other unseen.
        self._turn = asyncio.Lock()
        self._seen: dict[str, int] = {}
        self._following: set[str] = set()

    async def receive(self, events: Sequence[Received]) -> None:
        """Apply or park these events. Raises DatabaseUnavailable, and then they have to come again."""
        if not events:
            return
        async with self._turn:
            reached = self._note(events)
            try:
                moved = await self._commit(events, reached)
            except DatabaseUnavailable:
                raise
            except Exception as error:
                _log.info("%s applies %d events one by one after %s", self.consumer, len(events), type(error).__name__)
                moved = await self._one_by_one(await self._set_aside(events, error))
                await self._advance(reached)
            await self._fill(moved)

    async def retry(self, row: Row) -> None:
        """Try a parked event again now. Raises DatabaseUnavailable."""
        async with self._turn:
            await self._fill(await self._again(row))

    async def follow(self, source: str, position: int, interruptions: int) -> bool:
        """From now on the cursor in the log of `source` goes with the events received, beginning at `position`.

        For who has taken all events up to `position`, and whose queue has kept all that came since. False, and nothing
        is done, when the flow was interrupted again since `interruptions` was read.
        """
        async with self._turn:
            if interruptions != self.interruptions:
                return False
            self._following.add(source)
            await self._advance({source: max(position, self._seen.get(source, 0))})
            return True

    def interrupted(self) -> None:
        """Events may be missing between those received before and after now: leave all cursors where they are."""
        self.interruptions += 1
        self._following.clear()
        self._seen.clear()

    def _note(self, events: Sequence[Received]) -> dict[str, int]:
        sources = set()
        for event, _ in events:
            if event.position is not None:
                sources.add(event.source)
                self._seen[event.source] = max(event.position, self._seen.get(event.source, 0))
        return {source: self._seen[source] for source in sources & self._following}

    async def _commit(self, events: Sequence[Received], reached: Mapping[str, int]) -> list[str]:
        now = self.now()
        async with self.database.transaction() as connection:
            connection.after_commit(self._committed)
            applied, moved = await self._transaction.apply(connection, events, now)
            await inbox_tables.advance(connection, reached, now)
        APPLIED.labels(self.consumer).inc(applied)
        return moved

    async def _advance(self, reached: Mapping[str, int]) -> None:
        if reached:
            async with self.database.transaction() as connection:
                await inbox_tables.advance(connection, reached, self.now())

    async def _one_by_one(self, events: Sequence[Received]) -> list[str]:
        moved: list[str] = []
        for each in events:
            try:
                moved += await self._patiently(each)
            except DatabaseUnavailable:
                raise
            except Exception as error:
                await self._park(each, error)
        return moved

    async def _set_aside(self, events: Sequence[Received], error: Exception) -> Sequence[Received]:
        """The events without the one whose handlers hung, which is parked: to wait for it again helps nobody."""
        if not isinstance(error, HandlerTimedOut) or error.event_id is None:
            return events
        for each in events:
            if each.event.id == error.event_id:
                await self._park(each, error)
        return [each for each in events if each.event.id != error.event_id]

    async def _patiently(self, received: Received) -> list[str]:
        for _ in range(_CONFLICTS - 1):
            try:
                return await self._commit([received], {})
            except SerializationConflict:
                continue
        return await self._commit([received], {})

    async def _park(self, received: Received, error: Exception) -> None:
        _log.warning("%s parks an event of kind %s: %s", self.consumer, received.event.kind, type(error).__name__)
        now, state, wait = self.now(), self._state_after(1), self._wait(1)
        async with self.database.transaction() as connection:
            await parking.park(
                connection, self.consumer, received, state, attempts=1, next_at=now + wait, at=now,
                error=type(error).__name__,
            )  # fmt: skip

    async def _again(self, row: Row) -> list[str]:
        received = Received(decode(row["envelope"]), row["envelope"])
        now = self.now()
        try:
            async with self.database.transaction() as connection:
                if (envelope := await parking.take_back(connection, row)) is None:
                    return []
                received = Received(decode(envelope), envelope)
                connection.after_commit(self._committed)
                applied, moved = await self._transaction.apply(connection, [received], now, again=True)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            await self._count_failure(row, received, error)
            return []
        APPLIED.labels(self.consumer).inc(applied)
        return moved

    async def _count_failure(self, row: Row, received: Received, error: Exception) -> None:
        attempt = row["attempts"] + 1
        state, name = self._state_after(attempt), type(error).__name__
        _log.warning("%s: attempt %d at a %s failed: %s", self.consumer, attempt, received.event.kind, name)
        async with self.database.transaction() as connection:
            await parking.failed_again(connection, row, state, next_at=self.now() + self._wait(attempt), error=name)

    async def _fill(self, moved: Sequence[str]) -> None:
        """Apply what waited for the versions that have just been applied, and what waited for that in turn."""
        waiting = sorted(set(moved))
        while waiting:
            async with self.database.read() as connection:
                rows = await parking.unblocked(connection, self.consumer, waiting, _FILL)
            further: list[str] = []
            for row in rows:
                further += await self._again(row)
            waiting = sorted(set(further))

    def _state_after(self, attempt: int) -> parking.State:
        return "dead" if attempt >= self._attempts else "retry"

    def _wait(self, attempt: int) -> int:
        return int(backoff(attempt, first=1.0, longest=600.0) * SECOND)
