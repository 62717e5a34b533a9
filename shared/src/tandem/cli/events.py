"""`tandem events`: what is stuck, and setting it going again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from tandem.cli.database_url import database_url_option
from tandem.database.connection import Database, open_database
from tandem.events.dead_letters import list_dead_letters
from tandem.events.dead_letters import replay as replay_dead_letters
from tandem.fhir.ownership import SERVICES

_Answer = TypeVar("_Answer")


@click.group()
def events() -> None:
    """Events between the services."""


@events.group("dead-letters")
def dead_letters() -> None:
    """Events that a service could not apply, after all retries."""


def _source(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--data", type=click.Path(path_type=Path, exists=True), help="Data directory of `tandem serve`."
    )(command)
    command = database_url_option("Or the database of one service.")(command)
    return click.option("--service", type=click.Choice(SERVICES), help="One service only; needed with --database-url.")(
        command
    )


@dead_letters.command("list")
@_source
def list_(data: Path | None, database_url: str | None, service: str | None) -> None:
    """List dead letters: service, id, event kind, attempts, kind of error, since when. No patient data."""
    for name, url in _databases(data, database_url, service):
        for letter in asyncio.run(_with(url, list_dead_letters)):
            since = letter.parked.isoformat(timespec="seconds")
            click.echo(f"{name}\t{letter.id}\t{letter.kind}\t{letter.attempts}\t{letter.error}\t{since}")


@dead_letters.command("replay")
@_source
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Every dead letter of the service or services.")
def replay(
    data: Path | None, database_url: str | None, service: str | None, ids: tuple[int, ...], everything: bool
) -> None:
    """Give dead letters to their service again, as if they had never failed."""
    if not ids and not everything:
        raise click.UsageError("name the ids to replay, or --all")
    if ids and data is not None and service is None:
        raise click.UsageError("ids belong to one service: name it with --service")
    for name, url in _databases(data, database_url, service):
        count = asyncio.run(
            _with(url, lambda database: replay_dead_letters(database, None if everything else list(ids)))
        )
        click.echo(f"{name}: {count} to be tried again")


def _databases(data: Path | None, database_url: str | None, service: str | None) -> list[tuple[str, str]]:
    if data is not None:
        return [(name, f"sqlite:///{data / name}.sqlite") for name in SERVICES if service in (None, name)]
    if database_url is None or service is None:
        raise click.UsageError("give --data, or --service with --database-url")
    return [(service, database_url)]


async def _with(url: str, work: Callable[[Database], Awaitable[_Answer]]) -> _Answer:
    database = await open_database(url)
    try:
        return await work(database)
    finally:
        await database.close()
