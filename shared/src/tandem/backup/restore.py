"""Bringing a backup into empty databases: everything is checked before the first is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from tandem.backup import broker, postgresql_programs
from tandem.backup.deployment import Databases, kind_of
from tandem.backup.manifest import DatabaseCopy, Manifest, check_file, flush, read_manifest
from tandem.backup.refusal import Refused
from tandem.backup.settlement import LEAP, Settlement, settle
from tandem.backup.state import checked_tables, state_of, tables_in
from tandem.database.connection import Database, DatabaseUnavailable, open_database
from tandem.database.migrate import versions
from tandem.events.rabbitmq_topology import Topology
from tandem.fhir.ownership import SERVICES
from tandem.ids import IdSource, RandomIds
from tandem.runtime.services import declared_service

_SQLITE = "sqlite:///"


async def restore(
    directory: Path, databases: Databases, *, only: Sequence[str] = (), amqp_url: str = "", wait: float = 60.0,
    ids: IdSource | None = None, topology: Topology | None = None,
) -> dict[str, Settlement]:  # fmt: skip
    """Restore all of a backup, or `only` these of its services beside others that live on, into empty databases.

    Answers what came of each service. `wait` is how many seconds a queue that is being read is waited for. Raises
    Refused: nothing is touched by one of the checks; what failed later names what has to be emptied again.
    """
    manifest = read_manifest(directory)
    chosen = _chosen(manifest, databases, only)
    files = {name: _checked(directory, name, manifest.databases[name], databases[name]) for name in chosen}
    ids = ids or RandomIds()
    for name in chosen:
        await _check_empty(name, databases[name])
    others = {name: url for name, url in databases.items() if name not in chosen and name in SERVICES}
    async with _opened(others) as living:
        await _check_owners(living)
        if amqp_url:
            await broker.clear_queues(amqp_url, [name for name in chosen if name in SERVICES], topology=topology)
            for name in chosen:
                await broker.pass_marks(amqp_url, name, living, ids, wait, topology=topology)
        done: list[str] = []
        try:
            for name, path in files.items():
                done.append(name)
                await _bring_in(path, name, manifest.databases[name], databases[name])
            async with _opened({name: databases[name] for name in chosen}) as restored:
                return await _settled(restored, living, ids)
        except (Refused, DatabaseUnavailable, OSError) as error:
            raise Refused(f"{error}. Not restored; empty these before the next attempt: {', '.join(done)}") from error


async def settle_with_others(
    databases: Databases, only: Sequence[str] = (), *, ids: IdSource | None = None
) -> dict[str, Settlement]:
    """Settle databases that were brought back by other means, all or `only` these; their services are stopped and the
    queues of the broker are empty. Raises Refused when the database of a service is not named, away or another's."""
    if unnamed := [name for name in SERVICES if name not in databases]:
        raise Refused(f"name the database of {unnamed[0]} too: what is restored is settled with the others")
    chosen = set(only or SERVICES)
    async with _opened({name: databases[name] for name in SERVICES}) as opened:
        await _check_owners(opened)
        restored = {name: each for name, each in opened.items() if name in chosen}
        living = {name: each for name, each in opened.items() if name not in chosen}
        return await _settled(restored, living, ids or RandomIds())


async def _settled(
    restored: Mapping[str, Database], living: Mapping[str, Database], ids: IdSource
) -> dict[str, Settlement]:
    everyone = {name: each for name, each in {**restored, **living}.items() if name in SERVICES}
    found: dict[str, Settlement] = {}
    for name, database in restored.items():
        if name in SERVICES:
            others = {other: each for other, each in everyone.items() if other != name}
            found[name] = await settle(name, database, others, ids, leap=LEAP if living else 0)
    return found


def _chosen(manifest: Manifest, databases: Databases, only: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(only)) or list(manifest.databases)
    if missing := [name for name in chosen if name not in manifest.databases]:
        raise Refused(f"{', '.join(missing)} is not in this backup")
    if unnamed := [name for name in (*chosen, *SERVICES) if name not in databases]:
        raise Refused(f"name the database of {unnamed[0]} too: what is restored is settled with the others")
    if not only and (left := [name for name in SERVICES if name not in manifest.databases]):
        raise Refused(f"{', '.join(left)} is not in this backup; restore what it holds with --only")
    return chosen


def _checked(directory: Path, name: str, copy: DatabaseCopy, url: str) -> Path:
    if copy.kind != kind_of(url):
        raise Refused(f"the copy of {name} is one of {copy.kind}, and its new database is {kind_of(url)}")
    path = check_file(directory, copy.file, copy.sha256)
    service = declared_service(name)
    if unknown := sorted(set(copy.state.migration) - versions(service).known):
        raise Refused(f"{name} is from a newer release: this one does not know its version {', '.join(unknown)}")
    if set(copy.state.tables) - set(service.metadata.tables) - {"alembic_version"}:
        raise Refused(f"what the backup calls {name} has the tables of another service")
    return path


async def _check_empty(name: str, url: str) -> None:
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE))
        if any(path.with_name(path.name + ending).exists() for ending in ("", "-wal", "-shm", ".restoring")):
            raise Refused(f"there is a database of {name} at {path} already")
        return
    try:
        async with _opened({name: url}) as opened, opened[name].read() as connection:
            there = await tables_in(connection)
    except DatabaseUnavailable as error:
        raise Refused(f"the new database of {name} cannot be reached: {type(error).__name__}") from None
    if there:
        raise Refused(f"the database named for {name} is not empty")


async def _check_owners(opened: Mapping[str, Database]) -> None:
    # Settled with another's database, a restored one would find that nobody has seen anything of it.
    for name, database in opened.items():
        async with database.read() as connection:
            await checked_tables(connection, declared_service(name))


async def _bring_in(path: Path, name: str, copy: DatabaseCopy, url: str) -> None:
    if url.startswith(_SQLITE):
        _copy_file(path, Path(url.removeprefix(_SQLITE)))
    else:
        await postgresql_programs.restore(url, path)
    async with _opened({name: url}) as opened, opened[name].read() as connection:
        found = await state_of(connection, declared_service(name))
    if found != copy.state:
        raise Refused(f"what was restored of {name} is not what the manifest says")


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    try:
        shutil.copyfile(source, draft)
        os.chmod(draft, 0o600)
        flush(draft)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    flush(target.parent)


def _check_there(name: str, url: str) -> None:
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        raise Refused(f"there is no database of {name} at {url.removeprefix(_SQLITE)}")


@asynccontextmanager
async def _opened(urls: Mapping[str, str]) -> AsyncIterator[dict[str, Database]]:
    async with AsyncExitStack() as stack:
        found: dict[str, Database] = {}
        for name, url in urls.items():
            _check_there(name, url)
            try:
                found[name] = await open_database(url, pool_size=2)
            except (DatabaseUnavailable, asyncpg.PostgresError, OSError) as error:
                raise Refused(f"the database of {name} cannot be reached: {type(error).__name__}") from None
            stack.push_async_callback(found[name].close)
        yield found
