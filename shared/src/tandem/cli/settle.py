"""`tandem settle`: after databases were brought back by other means than `tandem restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from tandem.backup.deployment import databases_of
from tandem.backup.refusal import Refused
from tandem.backup.restore import settle_with_others
from tandem.database.connection import DatabaseUnavailable
from tandem.fhir.ownership import SERVICES


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Data directory of `tandem serve`.")
@click.option("--databases", envvar="TANDEM_DATABASES", help="Or service=url,… of all five services and the gateway.")
@click.option("--only", multiple=True, type=click.Choice(SERVICES), help="Which were brought back; all unless given.")
def settle(data: Path | None, databases: str | None, only: tuple[str, ...]) -> None:
    """Settle restored databases with what the others have seen of them. Their services must be stopped."""
    try:
        found = asyncio.run(settle_with_others(databases_of(data, None if data is not None else databases), only))
    except (Refused, DatabaseUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name, each in found.items():
        click.echo(f"{name}\t{len(each.restated)} records set back, {len(each.lost)} lost that others have seen")
