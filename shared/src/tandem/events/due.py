"""Timed events: what is to happen at a time without a write, such as the breach of a clock.

A row of `due` fires once when the domain clock passes `at`. Scheduled again before that, it moves; scheduled again
afterwards, it fires again only if the time is another one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tandem.clock import Clock, from_micros, to_micros
from tandem.database.connection import Connection, Database, DatabaseUnavailable, Row
from tandem.events import parking
from tandem.events.envelope import Received, encode_event
from tandem.events.event import Event
from tandem.events.handler_time import HANDLER_SECONDS, in_time
from tandem.events.inbox_transaction import NoTimer, WorkFactory
from tandem.events.lease import Lease
from tandem.events.realtime import SECOND, Now, backoff, now_micros
from tandem.events.wakeup import Waker
from tandem.fhir import body
from tandem.ids import deterministic_id
from tandem.service import Timer
from tandem.telemetry.effects import effect_of

LEASE = "due"
"""The name of the lease under which timed events fire."""
_log = logging.getLogger(__name__)
_LONGEST = 1.0
_SCHEDULE = """
INSERT INTO due (kind, key, at, payload, fired_at) VALUES ($1, $2, $3, $4, NULL)
ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, payload = excluded.payload,
    fired_at = CASE WHEN due.at = excluded.at THEN due.fired_at ELSE NULL END
"""
_NEXT = """
SELECT kind, key, at, payload FROM due WHERE fired_at IS NULL AND at <= $1 ORDER BY at, kind, key LIMIT 1
"""
_FIRED = "UPDATE due SET fired_at = $4 WHERE kind = $1 AND key = $2 AND at = $3 AND fired_at IS NULL"


async def schedule(connection: Connection, kind: str, key: str, at: datetime, payload: dict[str, Any]) -> None:
    """Fire the timed event once when the domain clock passes `at`; the same kind and key moves it."""
    await connection.execute(_SCHEDULE, kind, key, to_micros(at), body.encode(payload))


async def unschedule(connection: Connection, kind: str, key: str) -> None:
    """Take a timed event back, if it has not fired."""
    await connection.execute("DELETE FROM due WHERE kind = $1 AND key = $2 AND fired_at IS NULL", kind, key)


async def next_due(connection: Connection) -> datetime | None:
    """When the next timed event fires, or None when there is none."""
    at = await connection.fetchval("SELECT MIN(at) FROM due WHERE fired_at IS NULL")
    return None if at is None else from_micros(at)


class DueScanner:
    """Fires the timed events of one service, under one lease, in order of their times.

    Each has a transaction of its own with its timer's handler. When that fails the event is parked, to be retried by
    the inbox of the service, and the next one fires: an Inbox with the same `timers` must run beside it.
    """

    def __init__(
        self, database: Database, service: str, clock: Clock, timers: Sequence[Timer], work_factory: WorkFactory,
        lease: Lease, *, waker: Waker | None = None, seconds: float = HANDLER_SECONDS, now: Now = now_micros,
    ) -> None:  # fmt: skip
        self._database = database
        self._service = service
        self._seconds = seconds
        self._clock = clock
        self._timers = {timer.kind: timer for timer in timers}
        self._work_factory = work_factory
        self._lease = lease
        self._waker = waker or Waker()
        self._now = now

    def wake(self) -> None:
        """Say that the clock was moved, or that something was scheduled."""
        self._waker.wake()

    async def run(self) -> None:
        """Fire what falls due until cancelled."""
        failures = 0
        while True:
            try:
                await self.fire_due()
                wait = await self._until_next()
                failures = 0
            except Exception as error:
                # What is due stays due; the next turn finds it.
                failures += 1
                _log.warning("timed events of %s wait after %s", self._service, type(error).__name__)
                wait = backoff(failures, first=0.1, longest=10.0)
            await self._waker.wait(wait)

    async def fire_due(self) -> int:
        """Fire everything that is due, also what the handlers schedule for the past; answers how many fired.

        Raises DatabaseUnavailable, and LeaseLost when another process has taken over.
        """
        fired = 0
        while await self._lease.hold():
            due = to_micros(self._clock.now())
            async with self._database.read() as connection:
                row = await connection.fetchrow(_NEXT, due)
            if row is None:
                break
            fired += await self._fire(row, due)
        return fired

    async def _fire(self, row: Row, fired_at: int) -> bool:
        event = self._event(row)
        try:
            async with self._database.transaction() as connection:
                if not await self._mark(connection, row, fired_at):
                    return False
                if (timer := self._timers.get(event.kind)) is None:
                    raise NoTimer(event.kind)
                with effect_of("fire", self._service, [event]):
                    async with in_time(self._seconds, event.id):
                        await timer.handler(event, self._work_factory(connection, event))
        except DatabaseUnavailable:
            raise
        except Exception as error:
            await self._park(row, event, fired_at, type(error).__name__)
        return True

    async def _park(self, row: Row, event: Event, fired_at: int, error: str) -> None:
        _log.warning("%s parks a timed event of kind %s: %s", self._service, event.kind, error)
        now = self._now()
        async with self._database.transaction() as connection:
            if await self._mark(connection, row, fired_at):
                await parking.park(
                    connection, self._service, Received(event, encode_event(event)), "retry", attempts=1,
                    next_at=now + SECOND, at=now, error=error,
                )  # fmt: skip

    async def _mark(self, connection: Connection, row: Row, fired_at: int) -> bool:
        await self._lease.fence(connection)
        return await connection.execute(_FIRED, row["kind"], row["key"], row["at"], fired_at) == 1

    def _event(self, row: Row) -> Event:
        kind, key, at = row["kind"], row["key"], row["at"]
        return Event(
            id=deterministic_id("due", self._service, kind, key, str(at)), kind=kind, source=self._service,
            time=from_micros(at), subject=key, data=body.decode(row["payload"]),
        )  # fmt: skip

    async def _until_next(self) -> float:
        async with self._database.read() as connection:
            at = await next_due(connection)
        if at is None:
            return _LONGEST
        return min(_LONGEST, max(0.0, (at - self._clock.now()).total_seconds()))
