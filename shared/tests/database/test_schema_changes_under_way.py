"""A schema that is migrated while a process of the release before serves: it goes on, and is not started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tandem.cli.migrate import migrate as migrate_command
from tandem.cli.serve import _check_schema
from tandem.database.connection import Database, SerializationConflict, open_database
from tandem.database.migrate import migrate
from tandem.gateway.service import GATEWAY, service

_ADDED = (
    "ALTER TABLE job ADD COLUMN note TEXT", "CREATE TABLE later (id TEXT PRIMARY KEY)",
    "CREATE INDEX job_note ON job (note)",
)  # fmt: skip
_INSERT = """
INSERT INTO job (id, kind, state, owner, caller, request, created, updated)
VALUES ($1, 'kind', 'queued', 'X26', $2, $2, 1, 1)
"""


async def one_turn(database: Database, name: str) -> list[str]:
    """What a process does all the time: insert by the names of columns, and read whole rows, in a transaction."""
    async with database.transaction() as connection:
        await connection.execute(_INSERT, name, b"")
        return [row["id"] for row in await connection.fetch("SELECT * FROM job ORDER BY id")]


async def test_what_serves_goes_on_when_a_migration_adds_to_its_tables(new_database: Callable[[], str]) -> None:
    url = new_database()
    await migrate(service, url)
    # Two connections, so that each has prepared its statements before.
    serving, migrating = await open_database(url, pool_size=2), await open_database(url, pool_size=1)
    try:
        assert await one_turn(serving, "1") == ["1"]
        async with migrating.transaction() as connection:
            for statement in _ADDED:
                await connection.execute(statement)
        try:
            seen = await one_turn(serving, "2")
        except SerializationConflict:
            seen = await one_turn(serving, "2")
        assert seen == ["1", "2"]
        assert await one_turn(serving, "3") == ["1", "2", "3"]
    finally:
        await serving.close()
        await migrating.close()


async def test_a_release_starts_on_its_own_schema_alone(tmp_path: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    with pytest.raises(click.ClickException, match="tandem migrate gateway"):
        await asyncio.to_thread(_check_schema, GATEWAY, url)
    await migrate(service, url)
    await asyncio.to_thread(_check_schema, GATEWAY, url)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(click.ClickException, match="9999"):
        await asyncio.to_thread(_check_schema, GATEWAY, url)


@pytest.mark.parametrize(("url", "said"), [
    ("postgresql://tandem:of-the-test@127.0.0.1:1/tandem", "the database of gateway cannot be reached"),
    ("mysql://tandem:of-the-test@db/tandem", "a database URL starts with sqlite:/// or postgresql://"),
    ("sqlite:////no/such/folder/gateway.sqlite", "the database of gateway refuses: OperationalError"),
])  # fmt: skip
def test_a_database_that_is_not_there_is_one_line(url: str, said: str) -> None:
    asked = CliRunner().invoke(migrate_command, ["gateway", "--database-url", url])
    assert (asked.exit_code, asked.output) == (1, f"Error: {said}\n")
    with pytest.raises(click.ClickException) as refused:
        _check_schema(GATEWAY, url)
    assert refused.value.message == said


def test_a_server_without_the_database_says_so(new_postgresql_database: Callable[[], str]) -> None:
    url = f"{new_postgresql_database()}_not"
    asked = CliRunner().invoke(migrate_command, ["gateway", "--database-url", url])
    assert (asked.exit_code, asked.output) == (1, "Error: the database of gateway refuses: InvalidCatalogNameError\n")
