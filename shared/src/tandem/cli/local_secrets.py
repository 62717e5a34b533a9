"""`tandem local-secrets`: passwords and keys for containers on a machine of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from tandem.deployment.local_secrets import make_secrets
from tandem.runtime.process import consumers
from tandem.runtime.services import SERVICE_NAMES


@click.command("local-secrets")
@click.option(
    "--directory", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
    help="Has a folder for each process, and postgres and rabbitmq.",
)  # fmt: skip
@click.option("--renew", multiple=True, type=click.Choice(SERVICE_NAMES), help="Make the passwords of this one again.")
def local_secrets(directory: Path, renew: tuple[str, ...]) -> None:
    """Make the secrets that are not there yet. What is there stays, unless it is to be renewed."""
    make_secrets(directory, consumers(), renew)
    click.echo("the secrets are there")
