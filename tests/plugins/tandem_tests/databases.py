"""Databases for tests: SQLite files and scratch databases on PostgreSQL.

`database_url` runs a test on both; `postgresql_url` and `sqlite_url` on one; `new_postgresql_database` and
`new_database` make as many as a test needs, the latter on both kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tandem_tests.postgresql_server import create_database, drop_databases
from tandem_tests.server import Server

NewDatabase = Callable[[], str]
"""Makes an empty database and answers its URL; it is dropped when the test ends."""


@contextmanager
def new_databases(server: Server) -> Iterator[NewDatabase]:
    """Makes empty PostgreSQL databases; they are dropped at the end, whoever is still connected."""
    created: list[str] = []

    def new() -> str:
        created.append(create_database(server, durable=False))
        return server.at(created[-1])

    try:
        yield new
    finally:
        if created:
            drop_databases(server, created)


@pytest.fixture
def new_postgresql_database(postgresql_server: Server) -> Iterator[NewDatabase]:
    """Makes empty PostgreSQL databases for a test."""
    with new_databases(postgresql_server) as new:
        yield new


@pytest.fixture
def new_sqlite_database(tmp_path: Path) -> NewDatabase:
    """Makes names of SQLite files that do not exist yet, in the test's own folder."""
    numbers = count(1)
    return lambda: f"sqlite:///{tmp_path}/database-{next(numbers)}.sqlite"


@pytest.fixture
def postgresql_url(new_postgresql_database: NewDatabase) -> str:
    """An empty PostgreSQL database of the test's own."""
    return new_postgresql_database()


@pytest.fixture
def sqlite_url(new_sqlite_database: NewDatabase) -> str:
    """A SQLite file of the test's own, which does not exist yet."""
    return new_sqlite_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> NewDatabase:
    """Makes empty databases: the test runs once with SQLite and once with PostgreSQL."""
    factory: NewDatabase = request.getfixturevalue(f"new_{request.param}_database")
    return factory


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """An empty database of the test's own: the test runs once on SQLite and once on PostgreSQL."""
    return new_database()
