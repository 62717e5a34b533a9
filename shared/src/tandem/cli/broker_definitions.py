"""`tandem broker-definitions`: the exchanges, queues and bindings of all services, as RabbitMQ imports them."""

from __future__ import annotations

import json

import click

from tandem.deployment.broker_definitions import topology_definitions
from tandem.runtime.process import consumers


@click.command("broker-definitions")
def broker_definitions() -> None:
    """Print RabbitMQ's definitions of what Tandem uses there, without users."""
    click.echo(json.dumps(topology_definitions(consumers()), indent=2))
