"""Followers: a service follows its own log, in batches, and keeps what it derives from its own records in step.

A write costs nothing more for being followed. Each batch is one transaction of the handler's effect and the cursor,
under a lease, so after a crash it goes on where the last commit left it. The handler works from the current state of
the records that it is named, whatever version an event was about: a repeated or late event changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from tandem.clock import from_micros
from tandem.database.connection import (
    Connection,
    Database,
    DatabaseUnavailable,
    Row,
    SerializationConflict,
    StatementTimedOut,
)
from tandem.events import inbox_tables, parking
from tandem.events.counters import FOLLOWED
from tandem.events.envelope import Received, encode_event
from tandem.events.event import Event
from tandem.events.follower_cursor import BATCH, cursor_name
from tandem.events.kinds import any_matches
from tandem.events.lease import Lease, LeaseLost
from tandem.events.realtime import SECOND, Now, backoff, now_micros
from tandem.events.wakeup import Waker
from tandem.ids import deterministic_id
from tandem.service import Changed, Follower, Timer, Work
from tandem.telemetry.effects import effect_of
from tandem.telemetry.tracing import tracer

_log = logging.getLogger(__name__)
_POLL = 1.0
_LONGEST_REST = 1.0
_GATHERING = 0.25
_CONFLICTS = 3
_DIVISIBLE = 2
_PART = 10
"""More than one part in so many of a batch at once, and records are said to pour in."""
BACKLOG_WAITS = 50
"""So many turns at most, each of which takes some seconds at the longest."""
_PAGE = """
SELECT p.position, l.kind, l.type, l.resource_id, l.patient, l.event_id, l.correlation, l.at
FROM event_position p JOIN log l ON l.id = p.log_id WHERE p.position > $1 ORDER BY p.position LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class _Step:
    """What one transaction takes: changes, and the position in the log or the part of the backlog they are from.

    `events` are those of the log that told of the changes, known only where effects are traced.
    """

    changes: tuple[tuple[int, Changed], ...]
    position: int | None
    events: tuple[Event, ...] = ()

    def halves(self) -> tuple[_Step, _Step]:
        middle = len(self.changes) // 2
        first, second = self.changes[:middle], self.changes[middle:]
        if self.position is None:
            return _Step(first, None), _Step(second, None)
        middle_events = min(middle, len(self.events))
        return (
            _Step(first, second[0][0] - 1, self.events[:middle_events]),
            _Step(second, self.position, self.events[middle_events:]),
        )


class LogFollower:
    """Runs one declared follower of one service. An Inbox with its `timer` must run beside it, for the retries."""

    def __init__(
        self, database: Database, service: str, follower: Follower, work_factory: Callable[[Connection], Work],
        lease: Lease, *, waker: Waker | None = None, batch: int = BATCH, now: Now = now_micros,
    ) -> None:  # fmt: skip
        self.follower = follower
        self._database = database
        self._service = service
        self._work_factory = work_factory
        self._lease = lease
        self._waker = waker or Waker()
        self._batch = batch
        self._now = now
        self._waited = 0
        self._keeps_up = False
        self._cursor = cursor_name(follower.name)
        self.timer = Timer(f"tandem.{follower.name}.parked", self._retry)

    def wake(self) -> None:
        """Say that events were given positions, or that the backlog has grown."""
        self._waker.wake()

    async def run(self) -> None:
        """Follow until cancelled. The loss of the database is waited out."""
        failures = 0
        while True:
            started = time.monotonic()
            try:
                worked = await self.turn()
            except Exception as error:
                # The cursor stands where the last commit left it; the next turn goes on from there.
                failures += 1
                _log.warning("%s of %s waits after %s", self.follower.name, self._service, type(error).__name__)
                await self._waker.pause(backoff(failures, first=0.1, longest=10.0))
                continue
            failures = 0
            if worked:
                # While records come in, it rests as long as it worked: writers get their share, and the next batch is
                # a larger one, which costs hardly more than a small one. While they pour in and it has kept up, longer.
                least = _GATHERING if self._keeps_up else 0.0
                await self._waker.pause(min(_LONGEST_REST, max(least, time.monotonic() - started)))
            else:
                await self._waker.wait(_POLL)

    async def turn(self) -> bool:
        """Take one batch of the log and one of the backlog; says whether there was anything.

        While records pour in, the backlog waits, though not for ever: what further records bear on as well is then
        brought in step once and not again and again. Raises DatabaseUnavailable, and LeaseLost when another process has
        taken over; nothing is lost then.
        """
        if not await self._lease.hold():
            return False
        step = await self._next_of_log()
        if step is not None:
            await self._take(step)
        changes = len(step.changes) if step is not None else 0
        pouring = changes > self._batch // _PART
        self._keeps_up = pouring and changes < self._batch
        if pouring and self._waited < BACKLOG_WAITS:
            self._waited += 1
            return True
        self._waited = 0
        waiting = await self._next_of_backlog()
        if waiting is not None:
            await self._take(waiting)
        return step is not None or waiting is not None

    async def _next_of_log(self) -> _Step | None:
        async with self._database.read() as connection:
            before = await connection.fetchval("SELECT position FROM cursor WHERE name = $1", self._cursor) or 0
            rows = await connection.fetch(_PAGE, before, self._batch)
        if not rows:
            return None
        followed = [row for row in rows if self._follows(row["kind"])]
        changes = tuple((row["position"], _changed(row)) for row in followed)
        events = () if tracer() is None else tuple(_event(row, self._service) for row in followed)
        return _Step(changes, rows[-1]["position"], events)

    async def _next_of_backlog(self) -> _Step | None:
        backlog = self.follower.backlog
        if backlog is None:
            return None
        async with self._database.read() as connection:
            waiting = await backlog.waiting(connection, self._batch)
        return _Step(tuple((0, each) for each in waiting), None) if waiting else None

    def _follows(self, kind: str) -> bool:
        return any_matches(self.follower.kinds, kind)

    async def _take(self, step: _Step) -> None:
        try:
            await self._patiently(step)
        except StatementTimedOut:
            # As a whole it may never come to its end. One alone is not parked: it was held up, and is tried again.
            if len(step.changes) < _DIVISIBLE:
                raise
            await self._take_halves(step)
        except (DatabaseUnavailable, LeaseLost):
            raise
        except Exception as error:
            if len(step.changes) == 1:
                await self._park(step, type(error).__name__)
            elif not step.changes:
                raise
            else:
                await self._take_halves(step)

    async def _take_halves(self, step: _Step) -> None:
        for half in step.halves():
            await self._take(half)

    async def _patiently(self, step: _Step) -> None:
        for _ in range(_CONFLICTS - 1):
            try:
                await self._apply(step)
            except SerializationConflict:
                continue
            return
        await self._apply(step)

    async def _apply(self, step: _Step) -> None:
        changes = list(dict.fromkeys(changed for _, changed in step.changes))
        async with self._database.transaction() as connection:
            await self._lease.fence(connection)
            await self._settle(connection, step)
            if changes:
                with effect_of("follow", self._service, step.events):
                    await self.follower.handler(changes, self._work_factory(connection))
        FOLLOWED.labels(self._service, self.follower.name).inc(len(step.changes))

    async def _settle(self, connection: Connection, step: _Step) -> None:
        """Move the cursor, or take out of the backlog what this transaction does."""
        if step.position is not None:
            await inbox_tables.move_cursor(connection, self._cursor, step.position, self._now())
        elif self.follower.backlog is not None:
            await self.follower.backlog.take(connection, [changed for _, changed in step.changes])

    async def _park(self, step: _Step, error: str) -> None:
        [(position, changed)] = step.changes
        _log.warning("%s of %s parks a change of a %s: %s", self.follower.name, self._service, changed.type, error)
        now = self._now()
        subject = f"{changed.type}/{changed.id}"
        event = Event(
            deterministic_id("follow", self._service, self.follower.name, subject, str(position), str(now)),
            self.timer.kind, self._service, from_micros(now), subject=subject, patient=changed.patient,
            data=asdict(changed),
        )  # fmt: skip
        async with self._database.transaction() as connection:
            await self._lease.fence(connection)
            await self._settle(connection, step)
            await parking.park(
                connection, self._service, Received(event, encode_event(event)), "retry", attempts=1,
                next_at=now + SECOND, at=now, error=error,
            )  # fmt: skip

    async def _retry(self, event: Event, work: Work) -> None:
        # Two transactions must not read two states of one record and commit in the other order.
        await self._lease.hold_off(work.connection)
        assert event.data is not None, "parked above, with data"
        await self.follower.handler([Changed(**event.data)], work)


def _changed(row: Row) -> Changed:
    return Changed(row["type"], row["resource_id"], row["patient"])


def _event(row: Row, service: str) -> Event:
    return Event(row["event_id"], row["kind"], service, from_micros(row["at"]), correlation=row["correlation"])
