"""Databases that have their tables already: what a thousand tests would each spend on making them is spent once.

On SQLite a test gets a copy of a file. On PostgreSQL it gets a database that tests before it had: its rows are gone,
its sequences begin again, and one whose tables, indexes, columns or triggers are no longer as they were made is dropped
instead. A test of migrations takes an empty database (`tandem_tests.databases`).
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tandem.database.migrate import migrate
from tandem.service import Service
from tandem_tests.aside import run_aside
from tandem_tests.postgresql_server import create_database, drop_databases
from tandem_tests.server import Server

Prepare = Callable[[str], Coroutine[Any, Any, None]]
"""Makes the tables in the empty database of a URL."""
PreparedDatabase = Callable[[str, Prepare], str]
"""Takes a name that stands for what is prepared, and what prepares it; answers the URL of a database for this test."""
MigratedDatabase = Callable[[Service], str]
"""Answers the URL of a database with the newest schema of a service, for this test."""

_SHAPE = """
SELECT md5(string_agg(told, ';' ORDER BY told)) FROM (
  SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, a.atthasdef) AS told
  FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT tgname FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS every"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_LARGE = "pg_relation_size(format('%I.%I', schemaname, tablename)::regclass) > 256 * 1024"
_SEQUENCES_AGAIN = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL"""


@dataclass(frozen=True)
class _Made:
    """A database, what was prepared in it, and how its tables were then."""

    name: str
    prepared: str
    shape: str


class PreparedDatabases:
    """Those of one PostgreSQL server, for one process of tests."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: defaultdict[str, list[_Made]] = defaultdict(list)
        self._taken: dict[str, _Made] = {}

    def take(self, prepared: str, prepare: Prepare) -> str:
        """The URL of a database without rows; `prepare` is called when there is none yet."""
        made = self._free[prepared].pop() if self._free[prepared] else self._new(prepared, prepare)
        url = self._server.at(made.name)
        self._taken[url] = made
        return url

    def take_migrated(self, service: Service) -> str:
        """One with the newest schema of a service."""
        return self.take(service.name, lambda url: migrate(service, url))

    def give_back(self, url: str) -> None:
        """Empty it for another test, or drop it."""
        shape = run_aside(_emptied(url))
        made = self._taken.pop(url)
        if shape == made.shape:
            self._free[made.prepared].append(made)
        else:
            drop_databases(self._server, [made.name])

    def drop(self) -> None:
        """Drop all of them."""
        every = [*self._taken.values(), *(made for free in self._free.values() for made in free)]
        drop_databases(self._server, [made.name for made in every])

    def _new(self, prepared: str, prepare: Prepare) -> _Made:
        name = create_database(self._server, durable=False)
        url = self._server.at(name)
        run_aside(prepare(url))
        shape = run_aside(_shape_without_rows(url))
        return _Made(name, prepared, shape)


async def _shape_without_rows(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        if rows := await _tables_with_rows(connection):
            raise AssertionError(f"rows of {rows} came with the tables, and would be missing from the second test on")
        return str(await connection.fetchval(_SHAPE))
    finally:
        await connection.close()


async def _emptied(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_END_OTHERS)
        for table in await _tables_with_rows(connection):
            await connection.execute(f'DELETE FROM "{table}"')
        # A hundred times dearer than deleting some rows, so it comes when deleted rows have piled up.
        if large := [row["tablename"] for row in await connection.fetch(f"{_TABLES} AND {_LARGE}")]:
            await connection.execute("TRUNCATE {}".format(", ".join(f'"{table}"' for table in large)))
        await connection.execute(_SEQUENCES_AGAIN)
        return str(await connection.fetchval(_SHAPE))
    finally:
        await connection.close()


async def _tables_with_rows(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    tables = [row["tablename"] for row in await connection.fetch(_TABLES)]
    if not tables:
        return []
    asked = ", ".join(f'EXISTS (SELECT FROM "{table}")' for table in tables)
    answers = await connection.fetchrow(f"SELECT {asked}")
    assert answers is not None, "a SELECT without FROM has a row"
    return [table for table, any_rows in zip(tables, answers.values(), strict=True) if any_rows]


@pytest.fixture(scope="session")
def prepared_databases(postgresql_server: Server) -> Iterator[PreparedDatabases]:
    """Those of this process; dropped when it ends."""
    databases = PreparedDatabases(postgresql_server)
    try:
        yield databases
    finally:
        databases.drop()


@pytest.fixture
def prepared_on_postgresql(prepared_databases: PreparedDatabases) -> Iterator[PreparedDatabase]:
    """Prepared databases on PostgreSQL."""
    taken: list[str] = []

    def take(prepared: str, prepare: Prepare) -> str:
        taken.append(prepared_databases.take(prepared, prepare))
        return taken[-1]

    yield take
    for url in taken:
        prepared_databases.give_back(url)


@pytest.fixture(scope="session")
def prepared_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what is copied."""
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture
def prepared_on_sqlite(tmp_path: Path, prepared_files: Path) -> PreparedDatabase:
    """Prepared SQLite files in the test's own folder."""
    numbers = count(1)

    def take(prepared: str, prepare: Prepare) -> str:
        original, copied = prepared_files / f"{prepared}.sqlite", tmp_path / f"prepared-{next(numbers)}.sqlite"
        if not original.exists():
            run_aside(prepare(f"sqlite:///{original}"))
        shutil.copyfile(original, copied)
        return f"sqlite:///{copied}"

    return take


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_database(request: pytest.FixtureRequest) -> PreparedDatabase:
    """Prepared databases: the test runs once with SQLite and once with PostgreSQL."""
    taken: PreparedDatabase = request.getfixturevalue(f"prepared_on_{request.param}")
    return taken


@pytest.fixture
def migrated_database(prepared_database: PreparedDatabase) -> MigratedDatabase:
    """Databases with the newest schema of a service: the test runs once with SQLite and once with PostgreSQL."""
    return lambda service: prepared_database(service.name, lambda url: migrate(service, url))


@pytest.fixture
def migrated_on_postgresql(prepared_on_postgresql: PreparedDatabase) -> MigratedDatabase:
    """The same on PostgreSQL alone."""
    return lambda service: prepared_on_postgresql(service.name, lambda url: migrate(service, url))
