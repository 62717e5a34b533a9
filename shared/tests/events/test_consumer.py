from __future__ import annotations

import asyncio

from tandem.events.catch_up import CatchUp, SourceUnavailable
from tandem.events.consumer import Consumer
from tandem.events.embedded import EmbeddedTransport
from tandem.events.retries import Retries
from tandem.events.transport import TransportUnavailable


def consumer_of(node, inbox, transport, *sources) -> Consumer:
    return Consumer(inbox, transport, sources, Retries(inbox))


def reading(owner, inbox) -> CatchUp:
    async def fetch(after, limit):
        return await owner.pages(after, limit, inbox.kinds)

    return CatchUp(owner.name, fetch, inbox)


async def test_a_source_that_is_away_holds_up_neither_queue_nor_other_sources(owner, consumer, kit, open_node):
    other = await open_node("careplan-service")
    await other.write(kit.change("o", 1))
    await other.sequence()
    inbox, transport, away = consumer.inbox(), EmbeddedTransport(), True
    await owner.write(kit.change("1", 1))
    await owner.sequence()

    async def fetch(after, limit):
        if away:
            raise SourceUnavailable("away")
        return await owner.pages(after, limit, inbox.kinds)

    made = consumer_of(consumer, inbox, transport, CatchUp(owner.name, fetch, inbox), reading(other, inbox))
    await made.start()
    assert await consumer.effects() == ["Task-o-1"]
    await owner.write(kit.change("2", 1))
    await owner.relay(transport).round()
    assert "Task-2-1" in await consumer.effects()
    assert not made.level.is_set()
    away = False
    await made.step()
    assert made.level.is_set()
    assert sorted(await consumer.effects()) == ["Task-1-1", "Task-2-1", "Task-o-1"]


async def test_the_cursor_stays_while_a_source_was_not_caught_up_with(owner, consumer, kit):
    inbox, transport = consumer.inbox(), EmbeddedTransport()

    async def away(after, limit):
        raise SourceUnavailable("away")

    made = consumer_of(consumer, inbox, transport, CatchUp(owner.name, away, inbox))
    await made.start()
    await owner.write(kit.change("1", 1))
    await owner.relay(transport).round()
    assert await consumer.effects() == ["Task-1-1"]
    assert await consumer.column("SELECT name FROM cursor") == []


async def test_after_an_interruption_the_log_is_read_again(owner, consumer, kit):
    inbox, transport = consumer.inbox(), EmbeddedTransport()
    made = consumer_of(consumer, inbox, transport, reading(owner, inbox))
    await made.start()
    await made.step()
    assert made.level.is_set()
    # What was in the queue when it was deleted is in the log only.
    await owner.write(kit.change("1", 1))
    await owner.sequence()
    made._attached()
    assert not made.level.is_set()
    await made.step()
    assert made.level.is_set()
    assert await consumer.effects() == ["Task-1-1"]


async def test_it_waits_for_a_broker_that_is_not_there_yet(owner, consumer, kit, background):
    class Late(EmbeddedTransport):
        refusals = 0

        async def declare(self, name, kinds):
            if self.refusals < 2:
                self.refusals += 1
                raise TransportUnavailable("not yet")

    inbox, transport = consumer.inbox(), Late()
    made = consumer_of(consumer, inbox, transport, reading(owner, inbox))
    paused = []

    async def pause(seconds):
        paused.append(seconds)

    made._waker.pause = pause
    background(made.run())
    async with asyncio.timeout(60):
        await made.level.wait()
    assert len(paused) == 2
    assert transport.refusals == 2
