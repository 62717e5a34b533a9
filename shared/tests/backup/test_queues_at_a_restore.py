"""What a restore does with queues: those without a reader are emptied, and one that is read keeps all of them."""

from __future__ import annotations

import asyncio

import aio_pika
import pytest

from tandem.backup.broker import clear_queues
from tandem.backup.refusal import Refused
from tandem.events.rabbitmq_topology import Topology
from tandem_tests.brokers import NewAmqpUrl

BOTH = ("mdt-service", "metrics-service")


async def test_queues_are_emptied_unless_one_is_read(new_amqp_url: NewAmqpUrl) -> None:
    url, topology = new_amqp_url(), Topology()
    await clear_queues(url, BOTH)
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        queues = [await topology.declare_queue(connection, channel, name, ("fhir.Task.*",)) for name in BOTH]
        await channel.default_exchange.publish(aio_pika.Message(b"from before"), queues[0].name)
        reading = await queues[1].consume(asyncio.Queue[aio_pika.abc.AbstractIncomingMessage]().put)
        with pytest.raises(Refused, match=r"tandem\.metrics-service is being read"):
            await clear_queues(url, BOTH)
        assert await waiting(connection, queues[0].name) == 1
        await queues[1].cancel(reading)
        await clear_queues(url, BOTH)
        assert await waiting(connection, queues[0].name) == 0


async def waiting(connection: aio_pika.abc.AbstractConnection, name: str) -> int:
    """How many messages are in the queue."""
    async with connection.channel() as channel:
        queue = await channel.declare_queue(name, passive=True)
        return queue.declaration_result.message_count or 0


async def test_a_broker_that_is_away() -> None:
    with pytest.raises(Refused, match="the broker cannot be reached"):
        await clear_queues("amqp://somebody:secret@127.0.0.1:9/", BOTH)
