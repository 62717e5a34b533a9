"""Requests of many bytes: kept until their job has ended, and on SQLite beside the row that changes meanwhile."""

from __future__ import annotations

import pytest

from tandem.database.connection import Database
from tandem.fhir import job_table
from tandem.fhir.job_table import Job

LONG = b"\x00record" * 1000
SHORT = b"record"


async def queued(database: Database, request: bytes) -> None:
    async with database.transaction() as connection:
        await job_table.insert_job(connection, "j", "count", "A81001", b"caller", request, 1)


async def taken(database: Database, holder: str, now: int) -> Job | None:
    async with database.transaction() as connection:
        return await job_table.take_job(connection, ["count"], holder, now, now + 10)


async def kept(database: Database) -> list[bytes]:
    """Every request that is anywhere, but for the empty one of a row."""
    async with database.read() as connection:
        rows = [
            *await connection.fetch("SELECT request FROM job"),
            *await connection.fetch("SELECT request FROM job_request"),
        ]
    return [bytes(row["request"]) for row in rows if row["request"]]


@pytest.mark.parametrize("request_body", [SHORT, LONG])
async def test_who_takes_a_job_is_given_its_request_and_who_takes_it_over_too(
    database: Database, request_body: bytes
) -> None:
    await queued(database, request_body)
    first = await taken(database, "one", 100)
    assert first is not None
    assert (first.request, first.checkpoint) == (request_body, None)
    async with database.transaction() as connection:
        await job_table.save_checkpoint(connection, "j", "one", b"half", 1, 2, 105, 115)
    second = await taken(database, "two", 200)
    assert second is not None
    assert (second.request, second.checkpoint, second.done, second.total) == (request_body, b"half", 1, 2)
    assert await kept(database) == [request_body]


async def test_on_sqlite_a_long_request_is_not_in_the_row_that_changes(database: Database) -> None:
    await queued(database, LONG)
    async with database.read() as connection:
        in_row = bytes(await connection.fetchval("SELECT request FROM job"))
    assert in_row == (b"" if database.dialect == "sqlite" else LONG)


@pytest.mark.parametrize("request_body", [SHORT, LONG])
async def test_nothing_of_a_request_is_kept_once_the_job_has_ended(database: Database, request_body: bytes) -> None:
    await queued(database, request_body)
    await taken(database, "one", 100)
    async with database.transaction() as connection:
        assert not await job_table.end_job(connection, "j", "two", "completed", b"", 101)
    assert await kept(database) == [request_body], "who does not hold it ends nothing"
    async with database.transaction() as connection:
        assert await job_table.end_job(connection, "j", "one", "completed", b"", 101)
    assert await kept(database) == []


@pytest.mark.parametrize("request_body", [SHORT, LONG])
async def test_cancelling_drops_the_request_unless_somebody_works_on_it(
    database: Database, request_body: bytes
) -> None:
    await queued(database, request_body)
    await taken(database, "one", 100)
    async with database.transaction() as connection:
        await job_table.cancel_job(connection, "j", 101)
    assert await kept(database) == [request_body]
    async with database.transaction() as connection:
        await job_table.give_back(connection, "j", "one", 0)
        await job_table.cancel_job(connection, "j", 102)
    assert await kept(database) == []
