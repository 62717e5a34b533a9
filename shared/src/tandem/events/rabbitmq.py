"""The RabbitMQ transport: a topic exchange, a durable quorum queue a consumer, publisher confirms (3.10 or later)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from tandem.events.rabbitmq_consumer import QueueReader
from tandem.events.rabbitmq_publisher import Publisher
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import Attached, Deliver, Outgoing


class RabbitTransport:
    """One for a process. Neither starting nor subscribing needs the broker to be there.

    `consumers` maps each known consumer to the patterns it receives. An event that the broker cannot route counts as
    published only when no consumer of that map receives its kind; otherwise the queue is declared and it goes again.
    """

    def __init__(
        self, url: str, *, consumers: Mapping[str, Sequence[str]] | None = None, topology: Topology | None = None,
        timeout: float = 10.0,
    ) -> None:  # fmt: skip
        self._url = url
        self._topology = topology or Topology()
        self._publisher = Publisher(url, self._topology, consumers or {}, timeout)
        self._consumers: dict[str, tuple[QueueReader, asyncio.Task[None]]] = {}

    async def publish(self, events: Sequence[Outgoing]) -> None:
        await self._publisher.publish(events)

    async def declare(self, consumer: str, kinds: Sequence[str]) -> None:
        await self._publisher.declare(consumer, kinds)

    async def subscribe(
        self, consumer: str, kinds: Sequence[str], deliver: Deliver, attached: Attached | None = None
    ) -> None:
        """Consume in a task of its own. Raises ValueError when this consumer is subscribed already."""
        if consumer in self._consumers:
            raise ValueError(f"{consumer} is subscribed already")
        worker = QueueReader(self._url, self._topology, consumer, kinds, deliver, attached, asyncio.Event())
        self._consumers[consumer] = (worker, asyncio.create_task(worker.run(), name=f"consume {consumer}"))

    def is_attached(self, consumer: str) -> bool:
        """Whether this consumer has its queue at the moment."""
        return consumer in self._consumers and self._consumers[consumer][0].ready.is_set()

    async def until_attached(self, consumer: str) -> None:
        """Wait until this consumer has its queue."""
        await self._consumers[consumer][0].ready.wait()

    async def close(self) -> None:
        consumers = list(self._consumers.values())
        self._consumers.clear()
        for worker, task in consumers:
            worker.ending = True
            task.cancel()
        await asyncio.gather(*(task for _, task in consumers), return_exceptions=True)
        await self._publisher.close()
