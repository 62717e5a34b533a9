"""Dead letters that are given up, and messages that the broker has put aside."""

from __future__ import annotations

import asyncio

import aio_pika

from tandem.events.broker_dead_letters import (
    discard_broker_dead_letters,
    list_broker_dead_letters,
    replay_broker_dead_letters,
)
from tandem.events.dead_letters import DISCARDED, discard, list_dead_letters, replay
from tandem.events.rabbitmq_topology import Topology
from tandem.events.retries import Retries
from tandem.fhir.body import decode
from tandem_tests.brokers import NewAmqpUrl

KINDS = ("fhir.Task.*",)


async def failed(consumer, inbox) -> None:
    for _ in range(20):
        consumer.now.add(3600)
        await Retries(inbox).step()


async def test_what_waits_behind_one_that_is_given_up_goes_on(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken |= {"Task-1-1", "tandem.clock.breached-a"}
    await inbox.receive([kit.received(entry) for entry in (kit.change("1", 1), kit.change("1", 2), kit.fact("a"))])
    await failed(consumer, inbox)
    chosen = await list_dead_letters(consumer.database, "fhir.Task.*")
    assert [letter.event_id for letter in chosen] == ["Task-1-1"]
    assert await discard(consumer.database, "metrics-service", [chosen[0].id, 999], "no longer wanted") == 1
    consumer.ledger.broken.clear()
    await Retries(inbox).step()
    assert await consumer.effects() == ["Task-1-2"]
    assert set(await consumer.parked()) == {"tandem.clock.breached-a"}
    await inbox.receive([kit.received(kit.change("1", 1))])
    assert await consumer.effects() == ["Task-1-2"], "nothing brings it back"
    [body] = await consumer.column("SELECT body FROM log WHERE kind = $1", DISCARDED)
    told = decode(body)
    assert (told["event"], told["error"], told["reason"]) == ("Task-1-1", "RuntimeError", "no longer wanted")
    assert "999 000 1234" not in bytes(body).decode()


async def test_of_two_who_replay_and_give_up_one_wins(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", 1))])
    await failed(consumer, inbox)
    [letter] = await list_dead_letters(consumer.database)
    assert await replay(consumer.database, [letter.id]) == 1
    assert await discard(consumer.database, "metrics-service", [letter.id], "too late") == 0
    assert await consumer.column("SELECT COUNT(*) FROM log WHERE kind = $1", DISCARDED) == [0]


async def test_messages_at_the_broker(new_amqp_url: NewAmqpUrl) -> None:
    url, topology = new_amqp_url(), Topology()
    assert await list_broker_dead_letters(url) == [], "before any service was there"
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        queue = await topology.declare_queue(connection, channel, "mdt-service", KINDS)
        came: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(came.put)
        for body in (b"no envelope: 999 000 1234", b"another"):
            await channel.default_exchange.publish(aio_pika.Message(body), queue.name)
        for _ in range(2):
            message = await came.get()
            await message.reject(requeue=False)

        async def buried(number: int) -> list:
            while len(found := await list_broker_dead_letters(url)) != number:
                pass
            return found

        first, second = await buried(2)
        assert (first.queue, first.reason, first.bytes) == ("tandem.mdt-service", "rejected", 25)
        assert "999" not in repr(first)
        assert await discard_broker_dead_letters(url, [second.id]) == 1
        assert await buried(1) == [first]
        assert await replay_broker_dead_letters(url, ["unknown"]) == 0
        assert await replay_broker_dead_letters(url, [first.id]) == 1
        assert await buried(0) == []
        again = await came.get()
        assert again.body == b"no envelope: 999 000 1234"
        await again.ack()
