"""What Tandem declares at RabbitMQ: one topic exchange, a quorum queue a consumer, a place for unreadable messages.

Where a definitions file has made the exchanges already, a user of least rights may not declare them: they are looked
for first, which takes no right (https://www.rabbitmq.com/docs/access-control).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity
from aiormq.abc import FieldTable

from tandem.events.kinds import routing_key, widened

DEAD_ARGUMENTS: Final[FieldTable] = {"x-queue-type": "quorum"}


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

    def queue_arguments(self) -> FieldTable:
        """Of a consumer's queue."""
        return {"x-queue-type": "quorum", "x-single-active-consumer": True, "x-dead-letter-exchange": self.dead}

    async def declare_exchanges(self, connection: AbstractConnection, channel: AbstractChannel) -> AbstractExchange:
        """Declare both exchanges and the dead-letter queue, unless they are there; answers the exchange that events are
        published to. Of what is there the type is not checked."""
        if await self._is_declared(connection):
            return await channel.get_exchange(self.exchange, ensure=False)
        dead = await channel.declare_exchange(self.dead, aio_pika.ExchangeType.FANOUT, durable=True)
        graveyard = await channel.declare_queue(self.dead, durable=True, arguments=DEAD_ARGUMENTS)
        await graveyard.bind(dead)
        return await channel.declare_exchange(self.exchange, aio_pika.ExchangeType.TOPIC, durable=True)

    async def _is_declared(self, connection: AbstractConnection) -> bool:
        # The broker closes a channel on which it is asked for what it has not, so this one is for asking alone.
        asking = await connection.channel()
        try:
            for name in (self.dead, self.exchange):
                await asking.get_exchange(name, ensure=True)
            await asking.get_queue(self.dead, ensure=True)
        except ChannelNotFoundEntity:
            return False
        await asking.close()
        return True

    async def declare_queue(
        self, connection: AbstractConnection, channel: AbstractChannel, consumer: str, kinds: Sequence[str]
    ) -> AbstractQueue:
        """Declare a consumer's queue and bind it. Of several processes of the consumer one at a time is served, the
        others stand by: only so does order hold."""
        exchange = await self.declare_exchanges(connection, channel)
        queue = await channel.declare_queue(self.queue(consumer), durable=True, arguments=self.queue_arguments())
        for pattern in widened(kinds):
            await queue.bind(exchange, routing_key(pattern))
        return queue
