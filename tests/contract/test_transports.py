"""One contract for both transports, on both databases: from the outbox of one service into the inbox of another.

Whatever a transport does in between, every event has its effect once, in order as long as nothing fails.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from tandem.database.connection import Connection, Database, DatabaseUnavailable, open_database
from tandem.database.tables import declare_kernel_tables
from tandem.events.catch_up import CatchUp, FetchPage
from tandem.events.consumer import Consumer
from tandem.events.embedded import EmbeddedTransport
from tandem.events.envelope import Received
from tandem.events.event import Event
from tandem.events.inbox import Inbox
from tandem.events.lease import Lease
from tandem.events.log import LogPage, log_page
from tandem.events.outbox import Entry, append
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_topology import Topology
from tandem.events.relay import Relay, Round
from tandem.events.retries import Retries
from tandem.events.transport import TransportUnavailable
from tandem.service import Listener, Work

GUARD = 60.0
"""A hanging test ends after so many seconds; none depends on it."""


def change(resource_id: str, version: int, resource_type: str = "Task") -> Entry:
    action = "create" if version == 1 else "update"
    return Entry(
        f"{resource_type}-{resource_id}-{version}", f"fhir.{resource_type}.{action}", 0, resource_type, resource_id,
        version, body=b'{"resourceType":"%b","step":%d}' % (resource_type.encode(), version),
    )  # fmt: skip


def fact(key: str) -> Entry:
    return Entry(f"fact-{key}", "tandem.round.held", 0, resource_id=key, body=b"{}")


class ProcessDied(BaseException):
    """Nothing of the process goes on after this."""


class EffectWork:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.now = datetime(2020, 7, 1, tzinfo=UTC)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


class Taker:
    """A consuming service. `taken` grows when the inbox has committed; `lose_database` makes it fail so many times."""

    def __init__(self, name: str, database: Database, kinds: Sequence[str]) -> None:
        self.name = name
        self.database = database
        self.broken: set[str] = set()
        self.lose_database = 0
        self.changed = asyncio.Condition()
        self.inbox = Inbox(database, name, [Listener("effect", tuple(kinds), self.handle)], lambda c, e: EffectWork(c))
        self._receive = self.inbox.receive
        self.inbox.receive = self.receive

    async def handle(self, event: Event, work: Work) -> None:
        await work.connection.execute("INSERT INTO effect (event_id) VALUES ($1)", event.id)
        if event.id in self.broken:
            raise RuntimeError

    async def receive(self, events: Sequence[Received]) -> None:
        if self.lose_database:
            self.lose_database -= 1
            raise DatabaseUnavailable("gone")
        await self._receive(events)
        async with self.changed:
            self.changed.notify_all()

    async def effects(self) -> list[str]:
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT event_id FROM effect ORDER BY number")
        return [row["event_id"] for row in rows]

    async def until(self, count: int) -> list[str]:
        """Wait until there were so many effects."""
        async with asyncio.timeout(GUARD), self.changed:
            while len(effects := await self.effects()) < count:
                await self.changed.wait()
        return effects


class Giver:
    """A service that writes, and its relay."""

    def __init__(self, name: str, database: Database, transport: Any) -> None:
        self.name = name
        self.database = database
        self.transport = transport
        self.relay = Relay(database, name, transport, Lease(database, "relay", holder="test"))

    async def write(self, *entries: Entry) -> list[str]:
        async with self.database.transaction() as connection:
            for entry in entries:
                await append(connection, entry)
            connection.after_commit(self.relay.wake)
        return [entry.event_id for entry in entries]

    async def drain(self) -> None:
        while await self.relay.round() is not Round.IDLE:
            pass

    def pages(self, kinds: Sequence[str]) -> FetchPage:
        async def fetch(after: int, limit: int) -> LogPage:
            async with self.database.read() as connection:
                return await log_page(connection, self.name, after, limit, kinds)

        return fetch


async def create_tables(database: Database) -> None:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    Table("effect", metadata, Column("number", Integer, primary_key=True), Column("event_id", Text))
    dialect = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}[database.dialect]
    async with database.transaction() as connection:
        for table in metadata.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
            for index in table.indexes:
                await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))


class World:
    """What a test of the contract has: services to open, and the transport between them."""

    def __init__(self, transport: Any, topology: Topology, new_database: Callable[[], str]) -> None:
        self.transport = transport
        self.topology = topology
        self._new_database = new_database
        self.opened: list[Database] = []
        self.tasks: list[asyncio.Task[Any]] = []

    async def database(self) -> Database:
        database = await open_database(self._new_database(), pool_size=3)
        self.opened.append(database)
        await create_tables(database)
        return database

    async def giver(self, name: str = "mdt-service") -> Giver:
        return Giver(name, await self.database(), self.transport)

    async def taker(self, name: str = "metrics-service", kinds: Sequence[str] = ("fhir.Task.*",)) -> Taker:
        return Taker(name, await self.database(), kinds)

    async def attach(self, taker: Taker) -> None:
        await self.transport.subscribe(taker.name, taker.inbox.kinds, taker.inbox.receive, taker.inbox.interrupted)
        if isinstance(self.transport, RabbitTransport):
            async with asyncio.timeout(GUARD):
                await self.transport.until_attached(taker.name)

    def start(self, coroutine: Any) -> None:
        self.tasks.append(asyncio.create_task(coroutine))

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.transport.close()
        for database in self.opened:
            await database.close()


@asynccontextmanager
async def opened(transport: Any, topology: Topology, new_database: Callable[[], str]) -> AsyncIterator[World]:
    world = World(transport, topology, new_database)
    try:
        yield world
    finally:
        await world.close()


@pytest.fixture(params=["embedded", "rabbitmq"])
async def world(request: pytest.FixtureRequest, new_database: Callable[[], str]) -> AsyncIterator[World]:
    topology = Topology(f"test-{secrets.token_hex(4)}")
    if request.param == "embedded":
        transport: Any = EmbeddedTransport()
    else:
        transport = RabbitTransport(request.getfixturevalue("amqp_url"), topology=topology)
    async with opened(transport, topology, new_database) as made:
        yield made


async def test_events_arrive_in_order(world):
    giver, taker = await world.giver(), await world.taker(kinds=["fhir.Task.*", "tandem.round.held"])
    await world.attach(taker)
    entries = [change(str(n), 1) for n in range(120)] + [fact("a")] + [change(str(n), 2) for n in range(60)]
    written = await giver.write(*entries)
    await giver.drain()
    assert await taker.until(len(written)) == written


async def test_a_consumer_is_given_what_it_listens_to_and_nothing_else(world):
    giver = await world.giver()
    tasks = await world.taker("metrics-service", ["fhir.Task.*"])
    facts = await world.taker("careplan-service", ["tandem.round.held", "fhir.Slot.create"])
    await world.attach(tasks)
    await world.attach(facts)
    await giver.write(change("1", 1), change("s", 1, "Slot"), fact("a"), change("g", 1, "Goal"), change("1", 2))
    await giver.drain()
    assert await tasks.until(2) == ["Task-1-1", "Task-1-2"]
    assert await facts.until(2) == ["Slot-s-1", "fact-a"]


async def test_what_is_published_again_has_no_second_effect(world):
    giver, taker = await world.giver(), await world.taker()
    await world.attach(taker)
    written = await giver.write(*(change(str(n), 1) for n in range(5)))

    # The process dies when everything is published and the cursor has not moved.
    async def die(*_: object) -> None:
        raise ProcessDied

    giver.relay._move = die
    with pytest.raises(ProcessDied):
        await giver.drain()
    restarted = Giver(giver.name, giver.database, world.transport)
    written += await restarted.write(change("last", 1))
    await restarted.drain()
    assert await taker.until(len(written)) == written
    assert len(await taker.effects()) == len(written)


async def test_events_for_a_consumer_without_database_come_again(world):
    giver, taker = await world.giver(), await world.taker()
    await world.attach(taker)
    taker.lose_database = 2
    written = await giver.write(change("1", 1), change("1", 2))
    world.start(giver.relay.run())
    assert await taker.until(2) == written


async def test_a_consumer_without_database_does_not_keep_events_from_others(world):
    giver = await world.giver()
    lost, well = await world.taker("metrics-service"), await world.taker("careplan-service")
    await world.attach(lost)
    await world.attach(well)
    lost.lose_database = 3
    written = await giver.write(change("1", 1))
    world.start(giver.relay.run())
    assert await well.until(1) == written
    assert await lost.until(1) == written


async def test_an_event_that_cannot_be_handled_blocks_no_other(world):
    giver, taker = await world.giver(), await world.taker()
    await world.attach(taker)
    taker.broken.add("Task-2-1")
    await giver.write(change("1", 1), change("2", 1), change("2", 2), change("3", 1))
    await giver.drain()
    assert await taker.until(2) == ["Task-1-1", "Task-3-1"]
    taker.broken.clear()
    taker.inbox.now = lambda: 2**62
    await Retries(taker.inbox).step()
    assert await taker.effects() == ["Task-1-1", "Task-3-1", "Task-2-1", "Task-2-2"]


async def test_a_consumer_that_is_new_has_the_past_and_the_present(world):
    giver, taker = await world.giver(), await world.taker()
    written = await giver.write(*(change(str(n), version) for n in range(30) for version in (1, 2)))
    await giver.drain()
    source = CatchUp(giver.name, giver.pages(taker.inbox.kinds), taker.inbox, page=7)
    consumer = Consumer(taker.inbox, world.transport, [source], Retries(taker.inbox))
    world.start(consumer.run())
    assert await taker.until(60) == written
    written += await giver.write(*(change(str(n), 3) for n in range(30)))
    await giver.drain()
    assert await taker.until(90) == written
    assert len(await taker.effects()) == 90


async def test_what_is_written_while_a_consumer_catches_up_is_not_lost(world):
    giver, taker = await world.giver(), await world.taker()
    early, late = [change(str(n), 1) for n in range(40)], [change(f"late-{n}", 1) for n in range(20)]
    await giver.write(*early)
    world.start(giver.relay.run())
    pages = giver.pages(taker.inbox.kinds)
    unwritten = iter(late)

    async def pages_while_writing(after: int, limit: int) -> LogPage:
        # A short page would end the catch-up: while anything is left to write, that is written instead.
        while (entry := next(unwritten, None)) is not None:
            await giver.write(entry)
            page = await pages(after, limit)
            if len(page.envelopes) == limit:
                return page
        return await pages(after, limit)

    source = CatchUp(giver.name, pages_while_writing, taker.inbox, page=2)
    world.start(Consumer(taker.inbox, world.transport, [source], Retries(taker.inbox)).run())
    effects = await taker.until(60)
    assert sorted(effects) == sorted(entry.event_id for entry in (*early, *late))


async def test_a_transport_takes_an_empty_page(world):
    await world.transport.publish([])


async def test_what_nobody_listens_to_is_published_all_the_same(world):
    giver = await world.giver()
    await giver.write(change("1", 1, "Goal"))
    await giver.drain()
    assert await giver.relay.round() is Round.IDLE


async def test_failure_to_take_is_said(world):
    if isinstance(world.transport, RabbitTransport):
        transport: Any = RabbitTransport("amqp://guest:guest@127.0.0.1:1/", timeout=5)
    else:
        transport = world.transport
        taker = await world.taker()
        await world.attach(taker)
        taker.lose_database = 1
    giver = await world.giver()
    await giver.write(change("1", 1))
    giver.relay._transport = transport
    with pytest.raises(TransportUnavailable):
        await giver.relay.round()
    await transport.close()
