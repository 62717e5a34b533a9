"""`tandem value-set`: load lists of codes, and see which are in force."""

from __future__ import annotations

from pathlib import Path

import click

from tandem.cli.operation_client import OperationClient, parts_named, text_of

_url = click.option("--url", required=True, help="The server, with or without /fhir.")
_token = click.option("--token", required=True, envvar="TANDEM_TOKEN", help="A bearer token.")


@click.group("value-set")
def value_set() -> None:
    """Value sets: the codes by which cohorts are found."""


@value_set.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "identity", required=True, help="The id of the value set, or of the family of several.")
@click.option("--version", required=True, help="The version; a version that is held never changes.")
@click.option("--source", required=True, help="Where the codes come from, with the release.")
@click.option("--title", help="What it is called.  [default: the id]")
@click.option("--group", help="Value sets of one group are counted together.")
@click.option("--lenient", is_flag=True, help="Take the good lines of a file that has bad ones.")
@_url
@_token
def load(
    file: Path, identity: str, version: str, source: str, title: str | None, group: str | None, lenient: bool, url: str,
    token: str,
) -> None:  # fmt: skip
    """Load FILE, a tab or comma separated list of codes with a header, such as a refset or a supplier's code list.

    A file with a column deficit, group or refsetId becomes several value sets. Every code is checked; one bad line
    refuses the file, and all bad lines are listed.
    """
    answer = OperationClient(url, token).post("Group/$load-value-set", {
        "id": identity, "version": version, "source": source, "title": title or identity, "group": group,
        "lenient": lenient, "file": text_of(file),
    })  # fmt: skip
    for each in parts_named(answer, "valueSet"):
        done = "installed" if each["installed"] else "held already"
        click.echo(f"{each['id']}@{each['version']} {done}: {each['active']} active, {each['inactive']} inactive")
    for each in parts_named(answer, "refused"):
        click.echo(f"refused: {each['reason']}", err=True)


@value_set.command("list")
@click.option("--id", "identity", help="Only this one, all its versions.")
@_url
@_token
def list_value_sets(identity: str | None, url: str, token: str) -> None:
    """List the value sets in force; with --id all versions of one."""
    answer = OperationClient(url, token).get("Group/$value-sets", {"id": identity})
    for each in parts_named(answer, "valueSet"):
        if identity is not None or each["inForce"]:
            state = "in force" if each["inForce"] else "superseded"
            click.echo(f"{each['id']}@{each['version']}\t{state}\t{each['active']} active\t{each['source']}")
