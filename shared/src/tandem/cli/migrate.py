"""`tandem migrate`: bring a service's database to the newest schema. Embedded mode does it by itself."""

from __future__ import annotations

import asyncio

import click

from tandem.cli.address_options import database_url_option
from tandem.cli.schema_errors import readable_schema_errors
from tandem.database.migrate import migrate as run_migrations
from tandem.runtime.services import SERVICE_NAMES, declared_service


@click.command()
@click.argument("service", type=click.Choice(SERVICE_NAMES))
@database_url_option("sqlite:///path or postgresql://...")
def migrate(service: str, database_url: str | None) -> None:
    """Run the migrations of SERVICE. Safe to run twice, and from several places at once."""
    if database_url is None:
        raise click.UsageError("give --database-url, or set TANDEM_DATABASE_URL or TANDEM_DATABASE_URL_FILE")
    with readable_schema_errors(service):
        asyncio.run(run_migrations(declared_service(service), database_url))
    click.echo(f"{service}: the schema is up to date")
