"""What Tandem declares at RabbitMQ: one topic exchange, a quorum queue a consumer, a place for unreadable messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue
from aiormq.abc import FieldTable

from tandem.events.kinds import routing_key, widened


@dataclass(frozen=True, slots=True)
class Topology:
    """The names at the broker, all of which begin with `prefix`."""

    prefix: str = "tandem"

    @property
    def exchange(self) -> str:
        return f"{self.prefix}.fhir"

    @property
    def dead(self) -> str:
        """Exchange and queue of messages that cannot be read."""
        return f"{self.prefix}.dead"

    def queue(self, consumer: str) -> str:
        return f"{self.prefix}.{consumer}"

    async def declare_exchanges(self, channel: AbstractChannel) -> AbstractExchange:
        """Declare both exchanges and the dead-letter queue; answers the exchange that events are published to."""
        dead = await channel.declare_exchange(self.dead, aio_pika.ExchangeType.FANOUT, durable=True)
        graveyard = await channel.declare_queue(self.dead, durable=True, arguments={"x-queue-type": "quorum"})
        await graveyard.bind(dead)
        return await channel.declare_exchange(self.exchange, aio_pika.ExchangeType.TOPIC, durable=True)

    async def declare_queue(self, channel: AbstractChannel, consumer: str, kinds: Sequence[str]) -> AbstractQueue:
        """Declare a consumer's queue and bind it. Of several processes of the consumer one at a time is served, the
        others stand by: only so does order hold."""
        exchange = await self.declare_exchanges(channel)
        arguments: FieldTable = {
            "x-queue-type": "quorum", "x-single-active-consumer": True, "x-dead-letter-exchange": self.dead,
        }  # fmt: skip
        queue = await channel.declare_queue(self.queue(consumer), durable=True, arguments=arguments)
        for pattern in widened(kinds):
            await queue.bind(exchange, routing_key(pattern))
        return queue
