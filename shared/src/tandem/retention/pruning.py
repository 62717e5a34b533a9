"""The kernel's timer that prunes what is only needed for a while, in bounded steps, in one process of a service.

What reads each table, and why what goes is needed by nobody, is in docs/decisions/0017-retention-and-erasure.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tandem.clock import Clock, to_micros
from tandem.database.connection import Database
from tandem.events.counters import PRUNED
from tandem.events.lease import Lease
from tandem.events.realtime import SECOND, Now, backoff, now_micros
from tandem.events.relay import WINDOW
from tandem.events.wakeup import Waker
from tandem.retention.inbox_pruning import Place, prune_inbox
from tandem.retention.policy import AUDIT, policy

_log = logging.getLogger(__name__)
DAY: Final = 24 * 3600 * SECOND
STEP: Final = 1000
LEASE: Final = "pruning"
"""Its name. It is held for one turn an hour, and by nobody between."""
_REST: Final = 3600.0
_REQUESTS = """
DELETE FROM answered_request WHERE (organisation, type, request_id) IN
    (SELECT organisation, type, request_id FROM answered_request WHERE at < $1 LIMIT $2)
"""
# Ids rise with time, so the oldest are found without an index on it.
_AUDIT = """
DELETE FROM audit WHERE id IN (SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT $2) oldest WHERE at < $1)
"""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things are kept. `audit_years` of None is as long as the policy says."""

    inbox_days: int = 30
    request_days: int = 30
    audit_years: int | None = None


class Pruning:
    """Prunes the tables of one service. `turn` by turn under its lease; `run` it as a task.

    Inbox rows are as old as real time says, requests and audit as old as the domain clock says: by that they are
    written.
    """

    def __init__(
        self, database: Database, service: str, kinds: Sequence[str], keeping: Keeping, lease: Lease, clock: Clock, *,
        answers_requests: bool = False, waker: Waker | None = None, now: Now = now_micros, step: int = STEP,
        window: int = WINDOW,
    ) -> None:  # fmt: skip
        self._database = database
        self._service = service
        self._kinds = tuple(kinds)
        self._keeping = keeping
        self._lease = lease
        self._clock = clock
        self._answers_requests = answers_requests
        self._waker = waker or Waker()
        self._now = now
        self._step = step
        self._window = window

    async def run(self) -> None:
        """Prune once an hour until cancelled. The loss of the database is waited out."""
        failures = 0
        while True:
            try:
                await self.turn()
                failures = 0
            except Exception as error:
                # What was not pruned is pruned the next time.
                failures += 1
                _log.warning("pruning of %s waits after %s", self._service, type(error).__name__)
            await self._waker.wait(_REST if not failures else backoff(failures, first=1.0, longest=_REST))

    async def turn(self) -> dict[str, int]:
        """Prune all there is, step by step; answers how many rows went of each table.

        Raises DatabaseUnavailable, and LeaseLost when another process has taken over.
        """
        gone = {"inbox": 0, "answered_request": 0, "audit": 0}
        if not await self._lease.hold():
            return gone
        gone["inbox"] = await self._prune_inbox()
        if self._answers_requests:
            before = to_micros(self._clock.now()) - self._keeping.request_days * DAY
            gone["answered_request"] = await self._prune(_REQUESTS, before)
        gone["audit"] = await self._prune(_AUDIT, to_micros(self._audit_from(self._clock.now())))
        for table, number in gone.items():
            PRUNED.labels(self._service, table).inc(number)
        return gone

    async def _prune_inbox(self) -> int:
        before, gone = self._now() - self._keeping.inbox_days * DAY, 0
        place: Place | None = Place()
        while place is not None:
            async with self._database.transaction() as connection:
                await self._lease.fence(connection)
                went, place = await prune_inbox(
                    connection, self._service, self._kinds, before, place, self._step, window=self._window
                )
            gone += went
        return gone

    async def _prune(self, sql: str, before: int) -> int:
        gone = 0
        while True:
            async with self._database.transaction() as connection:
                await self._lease.fence(connection)
                went = await connection.execute(sql, before, self._step)
            gone += went
            if went < self._step:
                return gone

    def _audit_from(self, now: datetime) -> datetime:
        years = self._keeping.audit_years or policy().rule(AUDIT).years
        return now.replace(year=max(1970, now.year - years), day=min(now.day, 28))
