"""The servers that the other tests are given: each test has a database and a virtual host of its own."""

from __future__ import annotations

import aio_pika
import asyncpg
import pytest

from tandem.database.connection import open_database
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.databases import NewDatabase
from tandem_tests.server import NoServer, Server, Source, first_of


async def test_a_new_database_is_empty_and_takes_tables(database_url: str) -> None:
    database = await open_database(database_url)
    try:
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY)")
            await connection.execute("INSERT INTO visit (id) VALUES ($1)", 1)
        async with database.read() as connection:
            assert await connection.fetchval("SELECT count(*) FROM visit") == 1
    finally:
        await database.close()


async def test_two_new_databases_do_not_share_tables(new_database: NewDatabase) -> None:
    for url in (new_database(), new_database()):
        database = await open_database(url)
        try:
            async with database.transaction() as connection:
                await connection.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY)")
        finally:
            await database.close()


async def test_a_scratch_database_is_dropped_while_someone_is_connected(postgresql_server: Server) -> None:
    from tandem_tests.postgresql_server import create_database, drop_databases

    name = create_database(postgresql_server)
    connection = await asyncpg.connect(postgresql_server.at(name))
    drop_databases(postgresql_server, [name])
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await connection.fetchval("SELECT 1")
    connection.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(postgresql_server.at(name))


async def test_virtual_hosts_do_not_share_queues(new_amqp_url: NewAmqpUrl, amqp_url: str) -> None:
    first, second = new_amqp_url(), new_amqp_url()
    assert len({first, second, amqp_url}) == 3
    async with await aio_pika.connect(first) as connection:
        channel = await connection.channel()
        await channel.declare_queue("visits", durable=True)
    async with await aio_pika.connect(second) as connection:
        channel = await connection.channel()
        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await channel.declare_queue("visits", passive=True)


def test_the_first_source_that_answers_is_taken() -> None:
    server = Server("postgresql://somewhere/", "the second")

    def refused() -> Server:
        raise ConnectionRefusedError("nothing listens\nthere")

    sources = [Source("a", refused), Source("b", lambda: None), Source("c", lambda: server)]
    assert first_of(sources) is server
    with pytest.raises(NoServer, match=r"a: ConnectionRefusedError nothing listens; b: none"):
        first_of(sources[:2])


def test_another_database_on_the_same_server() -> None:
    server = Server("postgresql://me:secret@host:1/one?host=%2Frun", "somewhere")
    assert server.at("two") == "postgresql://me:secret@host:1/two?host=%2Frun"
