"""Who may use how many connections of a pool, so that what clients ask for never takes all of them.

What a process does for itself (relay, leases, followers, inbox, health) may use the whole pool; requests of other
services and jobs leave some of it to that; clients leave some to both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from enum import Enum, auto
from typing import Final


class Asker(Enum):
    """For whom a connection is used."""

    CLIENT = auto()
    SERVICE = auto()
    """Another service, or a job."""
    ITSELF = auto()
    """The process, with no request."""


asker: Final = ContextVar("asker", default=Asker.ITSELF)
"""Set where a request is admitted and a job begins; tasks that are begun there are for the same."""
_KEPT_OF: Final = 5
"""One connection of so many, and one at least, is kept from each lane for those that go before it."""


class PoolLanes:
    """The places of a pool of `size` connections. A pool of one has no lanes, one of two keeps none for services."""

    def __init__(self, size: int) -> None:
        kept = max(1, size // _KEPT_OF)
        self.asked = max(1, size - kept)
        """So many connections may be used for clients and services together."""
        self.clients = max(1, self.asked - kept)
        asked, clients = asyncio.Semaphore(self.asked), asyncio.Semaphore(self.clients)
        self._needed: dict[Asker, tuple[asyncio.Semaphore, ...]] = {
            Asker.CLIENT: (clients, asked), Asker.SERVICE: (asked,), Asker.ITSELF: (),
        }  # fmt: skip
        if size == 1:
            self._needed = dict.fromkeys(Asker, ())

    async def take(self, seconds: float) -> tuple[asyncio.Semaphore, ...]:
        """Wait for a place; answers what is to be given back. Raises TimeoutError after so many seconds."""
        needed = self._needed[asker.get()]
        if not needed:
            return needed
        if not any(each.locked() for each in needed):
            for each in needed:
                # Does not wait, so nobody comes between.
                await each.acquire()
            return needed
        await self._wait(needed, seconds)
        return needed

    async def _wait(self, needed: Iterable[asyncio.Semaphore], seconds: float) -> None:
        taken: list[asyncio.Semaphore] = []
        try:
            async with asyncio.timeout(seconds):
                for each in needed:
                    await each.acquire()
                    taken.append(each)
        except BaseException:
            self.give_back(taken)
            raise

    @staticmethod
    def give_back(taken: Sequence[asyncio.Semaphore]) -> None:
        """Leave a place; whoever waits longest has it now."""
        for each in reversed(taken):
            each.release()
