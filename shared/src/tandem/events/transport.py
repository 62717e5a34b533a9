"""What carries events from the relay of one service to the inboxes of the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tandem.events.envelope import Received

Deliver = Callable[[Sequence[Received]], Awaitable[None]]
"""Takes events in order. When it returns, each is applied or kept durably; when it raises, they come again."""
Attached = Callable[[], None]
"""Told each time the flow of events begins or begins again, before the first delivery."""


class TransportUnavailable(Exception):
    """Not everything was taken; the same events are to be published again later."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out: its place in the log of its service, its kind, its envelope."""

    position: int
    kind: str
    envelope: bytes


class Transport(Protocol):
    """Carries events at least once, and in order as long as nothing fails. The inbox does the rest."""

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Hand over these events of one service, in order; on return the transport keeps them for every consumer.

        Raises TransportUnavailable, also when only some of them were taken.
        """
        ...

    async def declare(self, consumer: str, kinds: Sequence[str]) -> None:
        """From now on keep events of these kinds for the consumer. Raises TransportUnavailable."""
        ...

    async def subscribe(
        self, consumer: str, kinds: Sequence[str], deliver: Deliver, attached: Attached | None = None
    ) -> None:
        """Deliver what is kept for the consumer, now and after every interruption."""
        ...

    async def close(self) -> None: ...
