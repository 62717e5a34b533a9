"""The connection to PostgreSQL is lost: before the commit nothing is written, in the commit nobody knows."""

from __future__ import annotations

import asyncpg
import pytest

from tandem.database.connection import CommitUnknown, Connection, DatabaseUnavailable, open_database
from tandem.database.postgresql import PostgresConnection
from tandem.fhir.faults import fault_response
from tandem.fhir.request import FhirRequest


async def cut(connection: Connection) -> None:
    """Break the connection without a farewell."""
    assert isinstance(connection, PostgresConnection)
    connection._raw.terminate()


async def test_lost_before_the_commit_nothing_is_written(postgresql_url: str) -> None:
    database = await open_database(postgresql_url, pool_size=2)
    try:
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
        with pytest.raises(DatabaseUnavailable) as lost:
            async with database.transaction() as connection:
                await connection.execute("INSERT INTO thing VALUES (1)")
                await cut(connection)
                await connection.execute("INSERT INTO thing VALUES (2)")
        assert not isinstance(lost.value, CommitUnknown)
        async with database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM thing") == 0
    finally:
        await database.close()


async def test_a_begin_that_fails_is_a_lost_database(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    database = await open_database(postgresql_url, pool_size=1)
    try:
        with monkeypatch.context() as broken:
            broken.setattr(asyncpg.transaction.Transaction, "start", lost)
            with pytest.raises(DatabaseUnavailable) as found:
                async with database.transaction():
                    raise AssertionError("it has not begun")
        assert not isinstance(found.value, CommitUnknown)
        async with database.transaction() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await database.close()


async def test_lost_in_the_commit_it_is_said_that_it_is_not_known(postgresql_url: str) -> None:
    database = await open_database(postgresql_url, pool_size=2)
    try:
        with pytest.raises(CommitUnknown):
            async with database.transaction() as connection:
                await connection.execute("SELECT 1")
                await cut(connection)
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("error", "code", "again"),
    [(DatabaseUnavailable("gone"), "transient", "2"), (CommitUnknown("gone"), "no-store", None)],
)
def test_only_what_was_not_written_is_to_be_sent_again(
    error: DatabaseUnavailable, code: str, again: str | None
) -> None:
    answer = fault_response(FhirRequest("POST", "Task", "", {}, b"", "http://t/fhir", "r", "c"), error)
    assert answer.status == 503
    assert answer.headers.get("Retry-After") == again
    assert f'"code":"{code}"'.encode() in bytes(answer.body).replace(b" ", b"")
