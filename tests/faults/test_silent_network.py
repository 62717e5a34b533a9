"""The network falls silent: nothing arrives, nothing is refused, no connection ends. Nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from tandem.database import postgresql
from tandem.database.connection import CommitUnknown, Database, DatabaseUnavailable, open_database
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import Outgoing, TransportUnavailable
from tandem.events.wakeup import OutboxNotices, Waker
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.gateway.backends import HttpBackend
from tandem.identity.caller import service_caller
from tandem_tests.cut import Cut

GUARD = 60.0
"""A hanging test ends after so many seconds; none depends on it."""


def through(url: str) -> tuple[Cut, str]:
    """A link to the server of a URL, and the URL that leads through it."""
    parts = urlsplit(url)
    link = Cut(parts.hostname or "127.0.0.1", parts.port or 0)
    return link, parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{link.port}").geturl()


@pytest.fixture
async def link_and_database(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Cut, Database]]:
    """A database behind a link, with short time limits."""
    for name in ("_ANSWER_SECONDS", "_CONNECT_SECONDS", "_FAREWELL_SECONDS"):
        monkeypatch.setattr(postgresql, name, 1)
    link, url = through(postgresql_url)
    database = await open_database(url, pool_size=2)
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
    yield link, database
    link.heal()
    await database.close()
    link.cut()


async def test_a_read_is_given_up_and_works_again(link_and_database: tuple[Cut, Database]) -> None:
    link, database = link_and_database
    link.hold()
    async with asyncio.timeout(GUARD):
        with pytest.raises(DatabaseUnavailable):
            async with database.read() as connection:
                await connection.fetchval("SELECT 1")
        # The pool has no connection left, and gets none.
        with pytest.raises(DatabaseUnavailable):
            async with database.read() as connection:
                await connection.fetchval("SELECT 1")
    link.heal()
    async with database.read() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_write_is_not_there_and_its_locks_are_free(link_and_database: tuple[Cut, Database]) -> None:
    link, database = link_and_database
    async with asyncio.timeout(GUARD):
        with pytest.raises(DatabaseUnavailable) as lost:
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO thing VALUES (1)")
                link.hold()
                await connection.execute("INSERT INTO thing VALUES (2)")
        assert not isinstance(lost.value, CommitUnknown)
        link.heal()
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO thing VALUES (1)")
    async with database.read() as connection:
        assert [row["id"] for row in await connection.fetch("SELECT id FROM thing")] == [1]


async def test_of_a_commit_that_is_not_answered_nobody_knows(link_and_database: tuple[Cut, Database]) -> None:
    link, database = link_and_database
    async with asyncio.timeout(GUARD):
        with pytest.raises(CommitUnknown):
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO thing VALUES (1)")
                link.hold()
    link.heal()
    async with database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM thing") in (0, 1)


async def test_whoever_listens_for_writes_goes_on_without(link_and_database: tuple[Cut, Database]) -> None:
    link, database = link_and_database
    waker = Waker()
    notices = OutboxNotices(database, waker)
    link.hold()
    async with asyncio.timeout(GUARD):
        await notices.listen()
        link.heal()
        await notices.listen()
        assert await waker.wait(GUARD)
        link.hold()
        await notices.close()


async def test_publishing_is_given_up_and_works_again(amqp_url: str) -> None:
    link, url = through(amqp_url)
    transport = RabbitTransport(url, topology=Topology("silent"), timeout=2)
    event = Outgoing(1, "tandem.round.held", b"{}")
    await transport.publish([event])
    link.hold()
    async with asyncio.timeout(GUARD):
        with pytest.raises(TransportUnavailable):
            await transport.publish([event])
        with pytest.raises(TransportUnavailable):
            await transport.publish([event])
        link.heal()
        await transport.publish([event])
        await transport.close()
    link.cut()


async def test_another_service_is_given_up() -> None:
    silent = Cut("127.0.0.1", 9)
    silent.hold()
    backend = HttpBackend(f"http://127.0.0.1:{silent.port}", lambda: "token", own_seconds=0.5)
    request = FhirRequest("GET", "Patient", "", {}, b"", "", "r", "c", service_caller("mdt-service"))
    async with asyncio.timeout(GUARD):
        with pytest.raises(FhirError) as refused:
            await backend.send(request)
    assert refused.value.kind is Kind.UNAVAILABLE
    assert isinstance(refused.value.__cause__, httpx.ReadTimeout)
    await backend.close()
    silent.heal()
    silent.cut()
