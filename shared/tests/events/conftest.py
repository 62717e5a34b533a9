"""Services reduced to what events need: a database with the kernel's tables, and handlers that keep a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from tandem.clock import to_micros
from tandem.database.connection import Connection, Database, open_database
from tandem.database.tables import declare_kernel_tables
from tandem.events.envelope import Received, decode, encode
from tandem.events.event import Event
from tandem.events.inbox import Inbox
from tandem.events.lease import Lease
from tandem.events.log import LogPage, log_page
from tandem.events.outbox import Entry, append
from tandem.events.relay import Relay
from tandem.events.sequencer import sequence
from tandem.events.transport import TransportUnavailable
from tandem.service import Listener, Work
from tandem_tests.prepared_databases import PreparedDatabase

START = datetime(2020, 7, 1, 8, tzinfo=UTC)


def schema(dialect: str) -> list[str]:
    """The statements that make the kernel's tables, and the ledger of the tests."""
    metadata = MetaData()
    declare_kernel_tables(metadata)
    Table("effect", metadata, Column("number", Integer, primary_key=True), Column("event_id", Text))
    Table("latest", metadata, Column("subject", Text, primary_key=True), Column("value", Text))
    of = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}[dialect]
    statements: list[str] = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=of)))
        statements += [str(CreateIndex(index).compile(dialect=of)) for index in table.indexes]
    return statements


@dataclass
class LedgerWork:
    """A Work whose handlers write straight to its connection."""

    connection: Connection
    now: datetime = START

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


class Ledger:
    """A handler that writes down every effect, in order; kinds and ids in `broken` fail after they have written, those
    in `hanging` come to no end."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.hanging: set[str] = set()
        self.calls: list[str] = []

    async def __call__(self, event: Event, work: Work) -> None:
        self.calls.append(event.id)
        await work.connection.execute("INSERT INTO effect (event_id) VALUES ($1)", event.id)
        if event.version is not None:
            await work.connection.execute(
                """INSERT INTO latest (subject, value) VALUES ($1, $2)
                   ON CONFLICT (subject) DO UPDATE SET value = excluded.value""",
                f"{event.type}/{event.resource_id}",
                "gone" if event.data is None else str(event.data["step"]),
            )
        if self.hanging & {event.id, event.kind}:
            await asyncio.Event().wait()
        if self.broken & {event.id, event.kind}:
            raise RuntimeError("a handler that fails, and says more than may be kept: 999 000 1234")


class ManualTime:
    """Real time in microseconds that a test moves by hand."""

    def __init__(self) -> None:
        self.micros = to_micros(START)

    def __call__(self) -> int:
        return self.micros

    def add(self, seconds: float) -> None:
        self.micros += int(seconds * 1_000_000)


@dataclass
class Node:
    """A service: what it writes, and what it has done with the events of others."""

    name: str
    database: Database
    now: ManualTime = field(default_factory=ManualTime)
    ledger: Ledger = field(default_factory=Ledger)

    async def write(self, *entries: Entry) -> None:
        async with self.database.transaction() as connection:
            for entry in entries:
                await append(connection, entry)

    async def sequence(self, limit: int = 500) -> int:
        async with self.database.transaction() as connection:
            return await sequence(connection, limit)

    async def page(self, after: int = 0, limit: int = 1000, kinds: Sequence[str] = ()) -> Sequence[bytes]:
        return (await self.pages(after, limit, kinds)).envelopes

    async def pages(
        self, after: int = 0, limit: int = 1000, kinds: Sequence[str] = (), within: int | None = None
    ) -> LogPage:
        async with self.database.read() as connection:
            return await log_page(connection, self.name, after, limit, kinds, within)

    def inbox(self, *kinds: str, **options: Any) -> Inbox:
        listener = Listener("ledger", kinds or ("fhir.Task.*", "tandem.clock.breached"), self.ledger)
        return Inbox(
            self.database,
            self.name,
            [listener],
            lambda connection, event: LedgerWork(connection),
            now=self.now,
            **options,
        )

    def lease(self, name: str = "relay", holder: str = "one") -> Lease:
        return Lease(self.database, name, holder=holder, now=self.now)

    def relay(self, transport: Any, **options: Any) -> Relay:
        return Relay(self.database, self.name, transport, options.pop("lease", None) or self.lease(), **options)

    async def column(self, sql: str, *params: Any) -> list[Any]:
        async with self.database.read() as connection:
            return [row[0] for row in await connection.fetch(sql, *params)]

    async def effects(self) -> list[str]:
        return await self.column("SELECT event_id FROM effect ORDER BY number")

    async def latest(self) -> dict[str, str]:
        async with self.database.read() as connection:
            return {row["subject"]: row["value"] for row in await connection.fetch("SELECT * FROM latest")}

    async def parked(self) -> dict[str, str]:
        async with self.database.read() as connection:
            return {row["event_id"]: row["state"] for row in await connection.fetch("SELECT * FROM parked")}

    async def clear(self) -> None:
        async with self.database.transaction() as connection:
            for table in ("effect", "latest", "inbox", "inbox_version", "parked", "cursor"):
                await connection.execute(f"DELETE FROM {table}")


class FlakyTransport:
    """Keeps what is published; fails as often as told, before or after it has taken the events."""

    def __init__(self) -> None:
        self.published: list[int] = []
        self.fail_before = 0
        self.fail_after = 0

    async def publish(self, events: Sequence[Any]) -> None:
        if self.fail_before:
            self.fail_before -= 1
            raise TransportUnavailable("down")
        self.published += [event.position for event in events]
        if self.fail_after:
            self.fail_after -= 1
            raise TransportUnavailable("the confirm was lost")


def change(resource_id: str, version: int, *, deleted: bool = False, resource_type: str = "Task") -> Entry:
    """A version of a resource; its body says which."""
    action = "delete" if deleted else "create" if version == 1 else "update"
    body = b'{"resourceType":"%b","step":%d}' % (resource_type.encode(), version)
    return Entry(
        event_id=f"{resource_type}-{resource_id}-{version}", kind=f"fhir.{resource_type}.{action}", type=resource_type,
        resource_id=resource_id, version=version, at=to_micros(START) + version, patient="p1", author="A81001",
        correlation="c1", practice="A81002", body=None if deleted else body,
    )  # fmt: skip


def fact(key: str, kind: str = "tandem.clock.breached") -> Entry:
    """A domain event."""
    return Entry(event_id=f"{kind}-{key}", kind=kind, resource_id=key, at=to_micros(START), body=b'{"step":0}')


def received(entry: Entry, position: int | None = None, source: str = "mdt-service") -> Received:
    """The entry as it reaches an inbox."""
    row = {name: getattr(entry, name) for name in Entry.__slots__} | {"position": position, "granted": 1}
    envelope = encode(row, source)
    return Received(decode(envelope), envelope)


class Kit:
    """What the tests build their events with."""

    start = START
    change = staticmethod(change)
    fact = staticmethod(fact)
    received = staticmethod(received)
    flaky_transport = FlakyTransport
    work = LedgerWork


@pytest.fixture
def kit() -> Kit:
    return Kit()


OpenNode = Callable[[str], Awaitable[Node]]


async def make_tables(url: str) -> None:
    """The kernel's tables and the ledger of the tests, in an empty database."""
    database = await open_database(url, pool_size=1)
    async with database.transaction() as connection:
        for statement in schema(database.dialect):
            await connection.execute(statement)
    await database.close()


@asynccontextmanager
async def opening(new: Callable[[], str]) -> AsyncIterator[OpenNode]:
    opened: list[Database] = []

    async def node(name: str) -> Node:
        opened.append(await open_database(new(), pool_size=4))
        return Node(name, opened[-1])

    try:
        yield node
    finally:
        for database in opened:
            await database.close()


@pytest.fixture
async def open_node(prepared_database: PreparedDatabase) -> AsyncIterator[OpenNode]:
    """Opens services, each with a database of its own: the test runs on SQLite and on PostgreSQL."""
    async with opening(lambda: prepared_database("events", make_tables)) as node:
        yield node


@pytest.fixture
async def concurrent_owner(prepared_on_postgresql: PreparedDatabase) -> AsyncIterator[Node]:
    """A service on PostgreSQL: SQLite has one writer at a time, so there no transaction overtakes another."""
    async with opening(lambda: prepared_on_postgresql("events", make_tables)) as node:
        yield await node("mdt-service")


@pytest.fixture
async def owner(open_node: OpenNode) -> Node:
    return await open_node("mdt-service")


@pytest.fixture
async def consumer(open_node: OpenNode) -> Node:
    return await open_node("metrics-service")


@pytest.fixture
async def background() -> AsyncIterator[Callable[[Any], asyncio.Task[Any]]]:
    """Starts tasks that are cancelled when the test ends; one that ended with an error fails the test."""
    tasks: list[asyncio.Task[Any]] = []

    def start(coroutine: Any) -> asyncio.Task[Any]:
        tasks.append(asyncio.create_task(coroutine))
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert outcome is None or isinstance(outcome, asyncio.CancelledError | int | bool), outcome
