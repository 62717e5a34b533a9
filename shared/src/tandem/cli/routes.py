"""`tandem routes`: the routes of a proxy in front of the processes, made from the ownership table."""

from __future__ import annotations

import click

from tandem.gateway.route_formats import FORMATS


@click.command()
@click.option("--format", "wanted", default="json", show_default=True, type=click.Choice(list(FORMATS)), help="Form.")
def routes(wanted: str) -> None:
    """Print which process answers which address, for the proxy in front."""
    click.echo(FORMATS[wanted](), nl=False)
