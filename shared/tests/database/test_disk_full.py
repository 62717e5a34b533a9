"""No space is left for the database: a write is refused as a whole, reading goes on, and it goes on by itself."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest

from tandem.database.connection import (
    CommitUnknown,
    DatabaseFull,
    DatabaseUnavailable,
    StatementTimedOut,
    open_database,
)
from tandem.database.postgresql import _translated
from tandem.database.sqlite import SqliteDatabase
from tandem.fhir.faults import fault_response
from tandem.fhir.request import FhirRequest

BODY = "x" * 100_000


async def limited(path: str) -> SqliteDatabase:
    """A database with a table, that may hardly grow."""
    database = await open_database(f"sqlite:///{path}")
    assert isinstance(database, SqliteDatabase)
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, body TEXT)")
        await connection.execute("INSERT INTO thing VALUES (1, 'here')")
    pages = database._writer_raw.execute("PRAGMA page_count").fetchone()[0]
    database._writer_raw.execute(f"PRAGMA max_page_count = {pages + 5}")
    return database


async def test_sqlite_writes_nothing_reads_on_and_recovers(tmp_path):
    database = await limited(f"{tmp_path}/small.sqlite")
    told = []
    try:
        with pytest.raises(DatabaseFull):
            async with database.transaction() as connection:
                connection.after_commit(lambda: told.append("committed"))
                await connection.execute("INSERT INTO thing VALUES (2, 'small')")
                await connection.execute("INSERT INTO thing VALUES (3, $1)", BODY)
        async with database.read() as connection:
            assert [row["id"] for row in await connection.fetch("SELECT id FROM thing")] == [1]
        assert told == []
        database._writer_raw.execute("PRAGMA max_page_count = 100000")
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO thing VALUES (3, $1)", BODY)
        async with database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM thing") == 2
    finally:
        await database.close()


async def test_many_rows_at_once_are_refused_as_a_whole_too(tmp_path):
    database = await limited(f"{tmp_path}/small.sqlite")
    try:
        with pytest.raises(DatabaseFull):
            async with database.transaction() as connection:
                await connection.copy_rows("thing", ("id", "body"), [(number, BODY) for number in range(2, 9)])
        async with database.read() as connection:
            assert await connection.fetchval("SELECT COUNT(*) FROM thing") == 1
    finally:
        await database.close()


def sqlite_fault(code: int) -> sqlite3.OperationalError:
    fault = sqlite3.OperationalError("x")
    fault.sqlite_errorcode = code
    return fault


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (asyncpg.DiskFullError("x"), DatabaseFull),
        (asyncpg.TooManyConnectionsError("x"), DatabaseUnavailable),
        (asyncpg.OutOfMemoryError("x"), DatabaseUnavailable),
        (asyncpg.QueryCanceledError("x"), StatementTimedOut),
        (asyncpg.ReadOnlySQLTransactionError("x"), DatabaseUnavailable),
        (asyncpg.InternalClientError("x"), DatabaseUnavailable),
        (TimeoutError(), DatabaseUnavailable),
    ],
)
def test_what_postgresql_says_of_a_server_that_cannot(fault, kind):
    assert type(_translated(fault)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, DatabaseFull),
        (sqlite3.SQLITE_IOERR, DatabaseUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, DatabaseUnavailable),
        (sqlite3.SQLITE_CANTOPEN, DatabaseUnavailable),
        (sqlite3.SQLITE_ERROR, sqlite3.OperationalError),
    ],
)
def test_what_sqlite_says_of_a_file_that_cannot(code, kind):
    from tandem.database.sqlite import _translated

    assert type(_translated(sqlite_fault(code))) is kind


def test_a_client_is_told_that_nothing_was_written_and_to_come_again():
    answer = fault_response(FhirRequest("POST", "Task", "", {}, b"", "http://t/fhir", "r", "c"), DatabaseFull("full"))
    assert answer.status == 507
    assert answer.headers["Retry-After"] == "30"
    assert b'"OperationOutcome"' in answer.body
    assert b"nothing was written" in answer.body
    assert not isinstance(DatabaseFull("full"), CommitUnknown)
