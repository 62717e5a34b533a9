"""Bringing a service's database to the newest schema, with Alembic and without any file for it to be configured by.

A service's versions are a folder `versions` below the address in `Service.migrations` (`package:folder`); the table
`alembic_version` says which of them a database has. Everything pending is done in one transaction, so a database is
never left half way.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from tandem.service import Service

_Result = TypeVar("_Result")

# Alembic keeps the operations of the running migration in a module, so a process runs one at a time.
_ONE_AT_A_TIME = threading.Lock()
# Of PostgreSQL's advisory locks, by chance ours: held by the process that migrates, awaited by those beside it.
_ADVISORY_LOCK = 7_204_118_300
_BUSY_SECONDS = 60.0


class NewerDatabase(Exception):
    """The database was migrated by a newer release than this one; its message names the versions."""


class UnknownKindOfDatabase(ValueError):
    """A URL of neither SQLite nor PostgreSQL."""


async def migrate(service: Service, database_url: str, *, to: str = "head") -> None:
    """Bring the database (`sqlite:///path` or `postgresql://user@host/name`) to the service's newest schema.

    `to` names an earlier version to stop at. Processes that start together wait for each other. Raises NewerDatabase,
    and UnknownKindOfDatabase for another kind of URL.
    """
    await _with_connection(database_url, lambda connection: _upgrade(service, connection, to))


def versions_of(service: Service) -> list[str]:
    """All versions of the service's schema, oldest first."""
    return [revision.revision for revision in _script(service).walk_revisions()][::-1]


async def pending(service: Service, database_url: str) -> bool:
    """Whether `migrate` would change anything. Raises as `migrate` does."""
    return await _with_connection(database_url, lambda connection: not _is_current(service, connection))


async def drift(service: Service, database_url: str) -> list[Any]:
    """What would make the database's tables equal to the declared ones, as Alembic's operations; empty when nothing."""

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), service.metadata))

    return await _with_connection(database_url, compare)


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a schema that this release knows: all of them, and the newest."""

    known: frozenset[str]
    newest: frozenset[str]


def versions(service: Service) -> Versions:
    """What this release knows of the service's schema."""
    script = _script(service)
    return Versions(frozenset(each.revision for each in script.walk_revisions()), frozenset(script.get_heads()))


def _upgrade(service: Service, connection: Connection, to: str) -> None:
    script = _script(service)
    if _is_current(service, connection):
        return
    context = MigrationContext.configure(
        connection, opts={"script": script, "fn": lambda revision, _: script._upgrade_revs(to, revision)}
    )
    with Operations.context(context), context.begin_transaction():
        context.run_migrations()


def _is_current(service: Service, connection: Connection) -> bool:
    script = _script(service)
    held = MigrationContext.configure(connection).get_current_heads()
    known = {revision.revision for revision in script.walk_revisions()}
    if unknown := sorted(set(held) - known):
        raise NewerDatabase(f"this release of {service.name} does not know the database's version {', '.join(unknown)}")
    return set(held) == set(script.get_heads())


def _script(service: Service) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", service.migrations)
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


async def _with_connection(database_url: str, use: Callable[[Connection], _Result]) -> _Result:
    if database_url.startswith("sqlite:///"):
        return await asyncio.to_thread(_on_sqlite, database_url, use)
    if database_url.startswith(("postgresql://", "postgres://")):
        return await asyncio.to_thread(_on_postgresql, database_url, use)
    raise UnknownKindOfDatabase("a database URL starts with sqlite:/// or postgresql://")


def _on_sqlite(database_url: str, use: Callable[[Connection], _Result]) -> _Result:
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})
    _take_the_writer_lock_first(engine)
    with _ONE_AT_A_TIME, engine.begin() as connection:
        return use(connection)


def _take_the_writer_lock_first(engine: Engine) -> None:
    """Make `begin` mean BEGIN IMMEDIATE: with the driver's own, two starts could both read the old version."""

    @event.listens_for(engine, "connect")
    def _(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _on_postgresql(database_url: str, use: Callable[[Connection], _Result]) -> _Result:
    with _ONE_AT_A_TIME:
        return asyncio.run(_use_postgresql(database_url, use))


async def _use_postgresql(database_url: str, use: Callable[[Connection], _Result]) -> _Result:
    # Brings SQLAlchemy's mapper with it, which nobody needs on SQLite.
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(database_url), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            return await connection.run_sync(use)
    finally:
        await engine.dispose()
