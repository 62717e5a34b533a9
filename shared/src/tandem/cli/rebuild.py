"""`tandem rebuild`: what a service derives from its own records is made again, while it runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from tandem.cli.address_options import database_url_option
from tandem.cli.opened_database import opened_database
from tandem.events.follower_cursor import restart
from tandem.fhir.ownership import SERVICES
from tandem.fhir.search.rebuild import rebuild_search
from tandem.runtime.services import declared_service


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--what", required=True, type=click.Choice(["search", "followers"]), help="What is made again.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Data directory of `tandem serve`.")
@database_url_option("Or the service's database.")
@click.option("--public-url", envvar="TANDEM_PUBLIC_URL", help="The address that clients see; needed for search.")
def rebuild(service: str, what: str, data: Path | None, database_url: str | None, public_url: str | None) -> None:
    """Make SERVICE's search rows again from its records, or have what follows its log begin at the beginning."""
    if (data is None) == (database_url is None):
        raise click.UsageError("give either --data or --database-url")
    url = database_url or f"sqlite:///{data}/{service}.sqlite"
    if what == "followers":
        click.echo(asyncio.run(_followers(service, url)))
        return
    base = _base(data, public_url)
    click.echo(f"{service}: rows of {asyncio.run(_search(url, base))} resources")


def _base(data: Path | None, public_url: str | None) -> str:
    if public_url is None and data is not None and (data / "serve.json").is_file():
        public_url = json.loads((data / "serve.json").read_text())["url"]
    if not public_url:
        raise click.UsageError("--public-url is needed: references below it are stored as the service's own")
    return f"{public_url.rstrip('/')}/fhir"


async def _search(url: str, base: str) -> int:
    async with opened_database(url) as database:
        return await rebuild_search(database, base)


async def _followers(service: str, url: str) -> str:
    names = [follower.name for follower in declared_service(service).followers]
    if not names:
        raise click.ClickException(f"nothing follows the log of {service}")
    async with opened_database(url) as database, database.transaction() as connection:
        for name in names:
            await restart(connection, name)
    return f"{service}: {', '.join(names)} begins at the beginning; $caught-up says when it is level"
