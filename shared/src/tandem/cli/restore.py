"""`tandem restore`: a backup into empty databases, settled with what lives on beside them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from tandem.backup.deployment import databases_of
from tandem.backup.key_archive import archived_keys, check_places, write_keys
from tandem.backup.refusal import Refused
from tandem.backup.restore import restore as bring_back
from tandem.backup.settlement import Settlement
from tandem.cli.address_options import amqp_url_option
from tandem.database.connection import DatabaseUnavailable
from tandem.runtime.services import SERVICE_NAMES


@click.command()
@click.option("--from", "directory", required=True, type=click.Path(path_type=Path), help="The folder of a backup.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory to restore into.")
@click.option("--databases", envvar="TANDEM_DATABASES", help="Or service=url,… of all five services and the gateway.")
@click.option("--only", multiple=True, type=click.Choice(SERVICE_NAMES), help="Only this one, beside the others.")
@amqp_url_option("The broker, unless it is a new, empty one.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for services that take their events.")
@click.option("--report", type=click.Path(path_type=Path), help="Write what the others have seen and was lost.")
@click.option("--keys-to", type=click.Path(path_type=Path), help="Write the keys into folders in this one.")
@click.option("--passphrase-file", type=click.Path(path_type=Path), help="Its first line opens the keys.")
def restore(
    directory: Path, data: Path | None, databases: str | None, only: tuple[str, ...], amqp_url: str | None, wait: float,
    report: Path | None, keys_to: Path | None, passphrase_file: Path | None,
) -> None:  # fmt: skip
    """Bring a backup into empty databases. The services that are restored must be stopped."""
    if (keys_to is None) != (passphrase_file is None):
        raise click.UsageError("--keys-to and --passphrase-file go together")
    if report is not None:
        _check_report(report)
    try:
        named = databases_of(data, None if data is not None else databases)
        keys = archived_keys(directory, passphrase_file) if passphrase_file is not None else {}
        if keys_to is not None:
            check_places(keys, keys_to)
        amqp = "" if data is not None else amqp_url or ""
        found = asyncio.run(bring_back(directory, named, only=only, amqp_url=amqp, wait=wait))
    except (Refused, DatabaseUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name, each in found.items():
        click.echo(
            f"{name}\tposition {each.last_position}, goes on at {each.next_position}\t"
            f"{len(each.restated)} records set back, {len(each.lost)} lost that others have seen"
        )
    # What was lost is said once: first of all it is kept.
    if report is not None:
        _write(report, found)
    if keys_to is not None:
        write_keys(keys, keys_to)


def _check_report(report: Path) -> None:
    if report.exists():
        raise click.UsageError(f"{report} is there already")
    if not os.access(report.parent, os.W_OK | os.X_OK):
        raise click.UsageError(f"{report} cannot be written: {report.parent} is missing or closed")


def _write(report: Path, found: Mapping[str, Settlement]) -> None:
    # It names records: for the owner alone.
    with os.fdopen(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({name: asdict(each) for name, each in found.items()}, file, indent=2)
