"""The `tandem` command. Each subcommand is imported only when it is called, so that `--help` is quick.

A service adds commands of its own to a group by entry points of `tandem.commands`, named `group.command`.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points

import click

_COMMANDS = {
    "serve": "tandem.cli.serve",
    "token": "tandem.cli.token",
    "user": "tandem.cli.user",
    "load": "tandem.cli.load",
    "synth": "tandem.cli.synth",
    "clock": "tandem.cli.clock",
    "migrate": "tandem.cli.migrate",
    "backup": "tandem.cli.backup",
    "restore": "tandem.cli.restore",
    "settle": "tandem.cli.settle",
    "rebuild": "tandem.cli.rebuild",
    "keys": "tandem.cli.keys",
    "events": "tandem.cli.events",
    "erase": "tandem.cli.erase",
    "status": "tandem.cli.status",
    "demo": "tandem.cli.demo",
    "value-set": "tandem.cli.value_set",
    "product-map": "tandem.cli.product_map",
    "cohort": "tandem.cli.cohort",
    "routes": "tandem.cli.routes",
    "broker-definitions": "tandem.cli.broker_definitions",
    "local-secrets": "tandem.cli.local_secrets",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(module), cmd_name.replace("-", "_"))
        if isinstance(command, click.Group):
            for point in entry_points(group="tandem.commands"):
                group, _, name = point.name.partition(".")
                if group == cmd_name:
                    command.add_command(point.load(), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tandem", prog_name="tandem")
def main() -> None:
    """Tandem: shared care for primary care networks, on FHIR R4."""
