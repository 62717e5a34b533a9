"""Places to work in: so many requests at once, so many that wait, each for so long, with so many bytes of bodies."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import cycle

from tandem.fhir.outcome import FhirError, Kind
from tandem.runtime.overload_counters import REFUSED

_RETRY_AFTER = cycle(("1", "2", "3", "4"))
"""Seconds, in turn, so that those who are refused together do not come back together."""


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """`in_flight` requests are worked on at once and `waiting` wait, each `wait` seconds; `held` is bytes of bodies."""

    in_flight: int
    waiting: int
    wait: float
    held: int


class Lane:
    """One lane; requests in one never wait for those in another. First come, first served."""

    def __init__(self, name: str, limits: LaneLimits) -> None:
        self.name = name
        self.limits = limits
        self.in_flight = 0
        self.held = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._queue)

    def check(self) -> None:
        """Raises FhirError(UNAVAILABLE) when there is neither a place nor room to wait."""
        if self.in_flight >= self.limits.in_flight and len(self._queue) >= self.limits.waiting:
            raise self.refusal("waiting", "This process has as many requests as it can take just now")

    def hold(self, size: int) -> None:
        """Count bytes. Raises FhirError(UNAVAILABLE) when that is too many; then they are not counted."""
        if self.held + size > self.limits.held:
            raise self.refusal("bodies", "The bodies of other requests fill this process just now", close=True)
        self.held += size

    async def take(self) -> None:
        """Wait for a place and take it. Raises FhirError(UNAVAILABLE) after `wait` seconds without one."""
        if self.in_flight < self.limits.in_flight and not self._queue:
            self.in_flight += 1
            return
        self.check()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self.limits.wait):
                await turn
        except TimeoutError:
            self._leave(turn)
            raise self.refusal("wait", "No place to work in came free in time; nothing was done") from None
        except BaseException:
            self._leave(turn)
            raise

    def give_back(self) -> None:
        """Leave a place; whoever waits longest has it now."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.in_flight -= 1

    def _leave(self, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            # The place came in the moment in which this request gave up.
            self.give_back()
        elif turn in self._queue:
            self._queue.remove(turn)

    def refusal(self, reason: str, text: str, *, close: bool = False) -> FhirError:
        """The 503 for this reason, counted."""
        REFUSED.labels(self.name, reason).inc()
        headers = {"Retry-After": next(_RETRY_AFTER)}
        if close:
            # The rest of the body would go on filling the process.
            headers["Connection"] = "close"
        return FhirError(Kind.UNAVAILABLE, text, headers=headers)
