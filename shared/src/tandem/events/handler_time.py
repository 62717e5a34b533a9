"""The time that the handlers of an event may take: one that hangs would hold up every event behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HANDLER_SECONDS = 45.0
"""Less than a statement may take at the database: who waits there for a lock is ended before the database ends it."""


class HandlerTimedOut(Exception):
    """A handler did not come to an end in time; `event_id` says at which event, if it was at one alone."""

    def __init__(self, event_id: str | None) -> None:
        self.event_id = event_id
        super().__init__(event_id)


@asynccontextmanager
async def in_time(seconds: float, event_id: str | None) -> AsyncIterator[None]:
    """End what runs inside after so many seconds. Raises HandlerTimedOut; the transaction around must be rolled back.

    It ends what waits. A handler that computes without a pause is beyond its reach.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        # A TimeoutError of the handler's own is a failure like any other.
        if limit.expired():
            raise HandlerTimedOut(event_id) from None
        raise
