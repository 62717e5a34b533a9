"""In-process delivery, straight from the relay to the inboxes of the same process.

It starts from the same outbox as the broker does. The relay moves its cursor only when `publish` has returned, that is
when every inbox has committed the events or what it parked: a crash loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tandem.events.envelope import Received, decode
from tandem.events.kinds import any_matches, widened
from tandem.events.transport import Attached, Deliver, Outgoing, TransportUnavailable


@dataclass(frozen=True, slots=True)
class _Subscription:
    kinds: tuple[str, ...]
    deliver: Deliver

    async def take(self, events: Sequence[Outgoing]) -> None:
        # Decoded for each consumer by itself: a handler may change the data it is given.
        wanted = [
            Received(decode(event.envelope), event.envelope)
            for event in events
            if any_matches(self.kinds, event.kind)
        ]
        if wanted:
            await self.deliver(wanted)


class EmbeddedTransport:
    """One for all services of the process; subscribe every consumer before any relay starts."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, _Subscription] = {}

    async def publish(self, events: Sequence[Outgoing]) -> None:
        subscriptions = list(self._subscriptions.values())
        taken = await asyncio.gather(*(each.take(events) for each in subscriptions), return_exceptions=True)
        for failure in taken:
            if isinstance(failure, Exception):
                # The others have it already, and will know it when it comes again.
                raise TransportUnavailable("an inbox could not take the events") from failure
            if failure is not None:
                raise failure

    async def declare(self, consumer: str, kinds: Sequence[str]) -> None:
        """Nothing to do: what comes before `subscribe` is still in the log, and catch-up reads it there."""

    async def subscribe(
        self, consumer: str, kinds: Sequence[str], deliver: Deliver, attached: Attached | None = None
    ) -> None:
        self._subscriptions[consumer] = _Subscription(widened(kinds), deliver)
        if attached is not None:
            attached()

    async def close(self) -> None:
        self._subscriptions.clear()
