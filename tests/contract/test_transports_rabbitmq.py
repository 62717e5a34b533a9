"""What only the broker can do to us: cut connections, lose queues, return messages, hand over what cannot be read."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import pytest

from tandem.events.counters import UNROUTABLE
from tandem.events.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, Received, encode_event, received
from tandem.events.event import Event
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_messages import MAX_BYTES, grouped
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import Outgoing, TransportUnavailable

GUARD = 60.0
KINDS = ("fhir.Task.*", "tandem.round.held")


def outgoing(position: int, kind: str = "fhir.Task.create", size: int = 0) -> Outgoing:
    event = Event(
        id=str(position), kind=kind, source="mdt-service", time=datetime(2020, 7, 1, tzinfo=UTC), position=position,
        subject=f"Task/{position}/_history/1" if kind.startswith("fhir.") else "key", data={"note": "x" * size},
    )  # fmt: skip
    return Outgoing(position, kind, encode_event(event))


class Seen:
    """A deliver callback that keeps what it was given; it raises as often as `refuse` says."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.refuse = 0
        self.attached = 0
        self.changed = asyncio.Condition()

    async def deliver(self, events: Sequence[Received]) -> None:
        if self.refuse:
            self.refuse -= 1
            raise RuntimeError
        async with self.changed:
            self.positions += [event.position for event, _ in events]
            self.changed.notify_all()

    def note_attached(self) -> None:
        self.attached += 1

    async def until(self, positions: set[int]) -> list[int]:
        async with asyncio.timeout(GUARD), self.changed:
            await self.changed.wait_for(lambda: positions <= set(self.positions))
        return self.positions


class Wire:
    """A TCP relay in front of the broker that can be cut, and refuse to be opened again until it is mended."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self._parts = parts
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken = False
        self.refused = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        userinfo = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{userinfo}@127.0.0.1:{port}").geturl()

    def cut(self) -> None:
        self._broken = True
        self.refused.clear()
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self._broken = False

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._broken:
            self.refused.set()
            writer.transport.abort()
            return
        upstream, downstream = await asyncio.open_connection(*self._to)
        self._writers |= {writer, downstream}
        for source, sink in ((reader, downstream), (upstream, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                sink.write(chunk)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.transport.abort()


@pytest.fixture
def topology() -> Topology:
    return Topology(f"test-{secrets.token_hex(4)}")


@pytest.fixture
async def wire(amqp_url: str) -> AsyncIterator[Wire]:
    made = Wire(amqp_url)
    yield made
    await made.close()


@pytest.fixture
async def admin(amqp_url: str) -> AsyncIterator[Any]:
    """A channel beside the transport, to look at the broker and to disturb it."""
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        yield await connection.channel()


@pytest.fixture
async def transport(amqp_url: str, topology: Topology) -> AsyncIterator[RabbitTransport]:
    made = RabbitTransport(amqp_url, topology=topology)
    yield made
    await made.close()


async def attach(transport: RabbitTransport, seen: Seen, name: str = "metrics-service") -> None:
    await transport.subscribe(name, KINDS, seen.deliver, seen.note_attached)
    async with asyncio.timeout(GUARD):
        await transport.until_attached(name)


async def publish_at_last(transport: RabbitTransport, events: Sequence[Outgoing]) -> int:
    """Publish as the relay does, again and again until it succeeds; answers how often it failed."""
    failures = 0
    async with asyncio.timeout(GUARD):
        while True:
            try:
                await transport.publish(events)
            except TransportUnavailable:
                failures += 1
            else:
                return failures


async def test_messages_are_persistent_and_batched(transport, topology, admin):
    await transport.declare("metrics-service", KINDS)
    await transport.publish([outgoing(n) for n in range(1, 61)] + [outgoing(61, "fhir.Task.update")])
    queue = await admin.get_queue(topology.queue("metrics-service"))
    found = []
    async with asyncio.timeout(GUARD), queue.iterator() as messages:
        async for message in messages:
            found.append((message.routing_key, len(received(message.body)), message.content_type))
            assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
            await message.ack()
            if len(found) == 3:
                break
    assert found == [
        ("Task.create", 50, BATCH_CONTENT_TYPE),
        ("Task.create", 10, BATCH_CONTENT_TYPE),
        ("Task.update", 1, CONTENT_TYPE),
    ]


async def test_the_queue_is_a_durable_quorum_queue(transport, topology, admin):
    await transport.declare("metrics-service", KINDS)
    with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed, match="x-queue-type"):
        arguments = {"x-dead-letter-exchange": topology.dead, "x-single-active-consumer": True}
        await admin.declare_queue(topology.queue("metrics-service"), durable=True, arguments=arguments)


def test_a_large_body_has_a_message_of_its_own():
    sizes = [10, MAX_BYTES, 10, 10]
    groups = list(grouped([outgoing(n, size=size) for n, size in enumerate(sizes)]))
    assert [[event.position for event in group] for group in groups] == [[0], [1], [2, 3]]


async def test_what_is_published_before_a_declared_consumer_has_run_waits_for_it(amqp_url, topology, transport):
    publisher = RabbitTransport(amqp_url, topology=topology, consumers={"metrics-service": KINDS})
    await publisher.publish([outgoing(1), outgoing(2)])
    await publisher.close()
    seen = Seen()
    await attach(transport, seen)
    assert await seen.until({1, 2}) == [1, 2]


async def test_consumer_and_publisher_outlive_a_cut_connection(wire, topology):
    transport = RabbitTransport(await wire.open(), topology=topology, timeout=5)
    seen = Seen()
    await attach(transport, seen)
    await transport.publish([outgoing(n) for n in range(1, 11)])
    await seen.until(set(range(1, 11)))
    for first in (11, 21, 31):
        wire.cut()
        with pytest.raises(TransportUnavailable):
            await transport.publish([outgoing(first)])
        wire.mend()
        await publish_at_last(transport, [outgoing(n) for n in range(first, first + 10)])
        positions = await seen.until(set(range(1, first + 10)))
    assert sorted(set(positions)) == list(range(1, 41))
    assert seen.attached == 4
    await transport.close()


async def test_a_connection_cut_while_publishing_loses_nothing(wire, topology):
    transport = RabbitTransport(await wire.open(), topology=topology, timeout=5)
    seen = Seen()
    await attach(transport, seen)
    kinds = ("fhir.Task.create", "fhir.Task.update")
    events = [outgoing(n, kinds[n % 2]) for n in range(1, 301)]
    publishing = asyncio.create_task(publish_at_last(transport, events))
    await seen.until({1})
    wire.cut()
    wire.mend()
    await publishing
    await seen.until(set(range(1, 301)))
    await transport.close()


async def test_the_broker_may_be_away_when_a_consumer_starts(wire, topology):
    transport = RabbitTransport(await wire.open(), topology=topology, timeout=5)
    wire.cut()
    seen = Seen()
    await transport.subscribe("metrics-service", KINDS, seen.deliver)
    async with asyncio.timeout(GUARD):
        await wire.refused.wait()
    assert not transport.is_attached("metrics-service")
    wire.mend()
    async with asyncio.timeout(GUARD):
        await transport.until_attached("metrics-service")
    await transport.publish([outgoing(1)])
    assert await seen.until({1}) == [1]
    await transport.close()


async def test_refused_deliveries_come_again_in_order(transport):
    seen = Seen()
    seen.refuse = 3
    await attach(transport, seen)
    await transport.publish([outgoing(n) for n in range(1, 121)])
    assert await seen.until(set(range(1, 121))) == list(range(1, 121))


async def test_what_was_not_acknowledged_goes_to_the_next_process(amqp_url, topology, transport):
    first, second = Seen(), Seen()
    stuck = RabbitTransport(amqp_url, topology=topology)
    reached = asyncio.Event()

    async def never_ready(events: Sequence[Received]) -> None:
        reached.set()
        await asyncio.Event().wait()

    first.deliver = never_ready
    await attach(stuck, first)
    await attach(transport, second)
    await transport.publish([outgoing(1), outgoing(2)])
    async with asyncio.timeout(GUARD):
        await reached.wait()
    assert second.positions == []
    await stuck.close()
    assert await second.until({1, 2}) == [1, 2]


async def test_unreadable_messages_are_dead_lettered_and_the_rest_goes_on(transport, topology, admin):
    seen = Seen()
    await attach(transport, seen)
    exchange = await admin.get_exchange(topology.exchange)
    await exchange.publish(aio_pika.Message(b"nonsense"), "Task.create")
    await exchange.publish(aio_pika.Message(b"[{}]"), "Task.create")
    await transport.publish([outgoing(1)])
    assert await seen.until({1}) == [1]
    dead = await admin.get_queue(topology.dead)
    bodies = []
    async with asyncio.timeout(GUARD):
        while len(bodies) < 2:
            if (message := await dead.get(fail=False)) is not None:
                bodies.append(message.body)
                await message.ack()
    assert sorted(bodies) == [b"[{}]", b"nonsense"]


async def test_an_event_nobody_is_bound_to_counts_as_published(transport):
    kind = "tandem.nobody.listened"
    before = UNROUTABLE.labels(kind)._value.get()
    await transport.publish([outgoing(1, kind), outgoing(2, kind)])
    assert UNROUTABLE.labels(kind)._value.get() == before + 2


async def test_an_event_whose_consumer_lost_its_queue_is_not_counted_as_published(amqp_url, topology, admin, transport):
    publisher = RabbitTransport(amqp_url, topology=topology, consumers={"metrics-service": KINDS})
    await publisher.publish([outgoing(1)])
    await admin.queue_delete(topology.queue("metrics-service"))
    with pytest.raises(TransportUnavailable):
        await publisher.publish([outgoing(2)])
    assert await publish_at_last(publisher, [outgoing(2)]) == 0
    seen = Seen()
    await attach(transport, seen)
    assert await seen.until({2}) == [2]
    await publisher.close()


async def test_a_consumer_whose_queue_was_deleted_comes_back_and_says_so(transport, topology, admin):
    seen = Seen()
    await attach(transport, seen)
    consumer = transport._consumers["metrics-service"][0]
    await admin.queue_delete(topology.queue("metrics-service"))
    async with asyncio.timeout(GUARD):
        while seen.attached < 2:
            await asyncio.sleep(0)
        await consumer.ready.wait()
    await transport.publish([outgoing(5)])
    assert await seen.until({5}) == [5]
