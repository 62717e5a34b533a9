"""`tandem events`: what is stuck, and setting it going again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from tandem.cli.address_options import amqp_url_option, database_url_option
from tandem.cli.opened_database import opened_database
from tandem.database.connection import Database
from tandem.events.broker_dead_letters import (
    discard_broker_dead_letters,
    list_broker_dead_letters,
    replay_broker_dead_letters,
)
from tandem.events.dead_letters import discard as discard_dead_letters
from tandem.events.dead_letters import list_dead_letters
from tandem.events.dead_letters import replay as replay_dead_letters
from tandem.events.transport import TransportUnavailable
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


_KIND = click.option("--kind", help="Only this kind, such as fhir.Task.create, or fhir.Task.* for all of a type.")
_IDS = click.argument("ids", nargs=-1, type=int)


@dead_letters.command("list")
@_source
@_KIND
def list_(data: Path | None, database_url: str | None, service: str | None, kind: str | None) -> None:
    """List dead letters: service, id, event kind, attempts, kind of error, since when. No patient data."""
    for name, url in _databases(data, database_url, service):
        for letter in asyncio.run(_with(url, lambda database: list_dead_letters(database, kind))):
            since = letter.parked.isoformat(timespec="seconds")
            click.echo(f"{name}\t{letter.id}\t{letter.kind}\t{letter.attempts}\t{letter.error}\t{since}")


@dead_letters.command("replay")
@_source
@_IDS
@_KIND
@click.option("--all", "everything", is_flag=True, help="Every dead letter of the service or services.")
def replay(
    data: Path | None, database_url: str | None, service: str | None, ids: tuple[int, ...], kind: str | None,
    everything: bool,
) -> None:  # fmt: skip
    """Give dead letters to their service again, as if they had never failed. It may be running."""
    _check_choice(data, service, ids, kind, everything)

    async def again(database: Database) -> int:
        chosen = None if everything else await _chosen(database, ids, kind)
        return await replay_dead_letters(database, chosen)

    for name, url in _databases(data, database_url, service):
        click.echo(f"{name}: {asyncio.run(_with(url, again))} to be tried again")


@dead_letters.command("discard")
@_source
@_IDS
@_KIND
@click.option("--reason", required=True, help="Kept in the service's log: nothing about a person.")
def discard(
    data: Path | None, database_url: str | None, service: str | None, ids: tuple[int, ...], kind: str | None,
    reason: str,
) -> None:  # fmt: skip
    """Give dead letters up for good. What waits behind them goes on without them."""
    _check_choice(data, service, ids, kind, False)
    for name, url in _databases(data, database_url, service):

        async def give_up(database: Database, name: str = name) -> int:
            return await discard_dead_letters(database, name, await _chosen(database, ids, kind), reason)

        click.echo(f"{name}: {asyncio.run(_with(url, give_up))} given up")


def _check_choice(
    data: Path | None, service: str | None, ids: tuple[int, ...], kind: str | None, everything: bool
) -> None:
    if sum((bool(ids), kind is not None, everything)) != 1:
        raise click.UsageError("name the ids, or --kind, or --all where there is one")
    if ids and data is not None and service is None:
        raise click.UsageError("ids belong to one service: name it with --service")


async def _chosen(database: Database, ids: tuple[int, ...], kind: str | None) -> list[int]:
    if kind is None:
        return list(ids)
    return [letter.id for letter in await list_dead_letters(database, kind)]


_BROKER = amqp_url_option("amqp://user:password@host/vhost of a user who may read tandem.dead.")
_DIGESTS = click.argument("digests", nargs=-1)


@events.group("broker-dead-letters")
def broker_dead_letters() -> None:
    """Messages that were no events, in the broker's queue tandem.dead."""


@broker_dead_letters.command("list")
@_BROKER
def list_at_broker(amqp_url: str | None) -> None:
    """List them: digest, queue they came from, reason, size. Nothing of what they hold."""
    for letter in _at_broker(list_broker_dead_letters(_broker(amqp_url))):
        click.echo(f"{letter.id}\t{letter.queue}\t{letter.reason}\t{letter.bytes} bytes")


@broker_dead_letters.command("replay")
@_BROKER
@_DIGESTS
@click.option("--all", "everything", is_flag=True, help="Every one.")
def replay_at_broker(amqp_url: str | None, digests: tuple[str, ...], everything: bool) -> None:
    """Put messages back into the queues that they came from, once the service can read them."""
    if bool(digests) == everything:
        raise click.UsageError("name the digests, or --all")
    count = _at_broker(replay_broker_dead_letters(_broker(amqp_url), None if everything else digests))
    click.echo(f"{count} put back")


@broker_dead_letters.command("discard")
@_BROKER
@_DIGESTS
def discard_at_broker(amqp_url: str | None, digests: tuple[str, ...]) -> None:
    """Throw messages away."""
    if not digests:
        raise click.UsageError("name the digests")
    click.echo(f"{_at_broker(discard_broker_dead_letters(_broker(amqp_url), digests))} thrown away")


def _broker(amqp_url: str | None) -> str:
    if amqp_url is None:
        raise click.UsageError("give --amqp-url, or set TANDEM_AMQP_URL or TANDEM_AMQP_URL_FILE")
    return amqp_url


def _at_broker(work: Coroutine[Any, Any, _Answer]) -> _Answer:
    try:
        return asyncio.run(work)
    except TransportUnavailable as error:
        raise click.ClickException(str(error)) from error


def _databases(data: Path | None, database_url: str | None, service: str | None) -> list[tuple[str, str]]:
    if data is not None:
        return [(name, f"sqlite:///{data / name}.sqlite") for name in SERVICES if service in (None, name)]
    if database_url is None or service is None:
        raise click.UsageError("give --data, or --service with --database-url")
    return [(service, database_url)]


async def _with(url: str, work: Callable[[Database], Awaitable[_Answer]]) -> _Answer:
    async with opened_database(url) as database:
        return await work(database)
