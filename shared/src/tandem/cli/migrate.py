"""`tandem migrate`: bring a service's database to the newest schema. Embedded mode does it by itself."""

from __future__ import annotations

import asyncio

import click

from tandem.database.migrate import migrate as run_migrations
from tandem.runtime.services import SERVICE_NAMES, declared_service


@click.command()
@click.argument("service", type=click.Choice(SERVICE_NAMES))
@click.option("--database-url", envvar="TANDEM_DATABASE_URL", required=True, help="sqlite:///path or postgresql://...")
def migrate(service: str, database_url: str) -> None:
    """Run the migrations of SERVICE. Safe to run twice, and from several places at once."""
    asyncio.run(run_migrations(declared_service(service), database_url))
    click.echo(f"{service}: the schema is up to date")
