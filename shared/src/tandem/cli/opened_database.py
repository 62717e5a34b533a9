"""A database for the time of a command: one that is missing or away is said in a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import click

from tandem.database.connection import Database, DatabaseUnavailable, open_database

_SQLITE = "sqlite:///"


@asynccontextmanager
async def opened_database(url: str) -> AsyncIterator[Database]:
    """The database at a URL; no file is made where none is. Raises ClickException when it is not there, cannot be
    opened, or goes away meanwhile."""
    _check_file(url)
    try:
        database = await open_database(url, pool_size=2)
    except (DatabaseUnavailable, asyncpg.PostgresError) as error:
        raise click.ClickException(f"the database cannot be opened: {type(error).__name__}") from error
    try:
        yield database
    except DatabaseUnavailable as error:
        raise click.ClickException(f"the database has gone away: {type(error).__name__}") from error
    finally:
        await database.close()


def _check_file(url: str) -> None:
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        raise click.ClickException(f"there is no database at {url.removeprefix(_SQLITE)}")
