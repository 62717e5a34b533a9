"""`tandem cohort`: check and install cohort definitions, and see which are in force."""

from __future__ import annotations

from pathlib import Path

import click

from tandem.cli.operation_client import OperationClient, parts_named, text_of, values_named

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_url = click.option("--url", required=True, help="The server, with or without /fhir.")
_token = click.option("--token", required=True, envvar="TANDEM_TOKEN", help="A bearer token.")


@click.group()
def cohort() -> None:
    """Cohort definitions: who is on which list, as files that clinicians read."""


@cohort.command()
@_file
@_url
@_token
def check(file: Path, url: str, token: str) -> None:
    """Check FILE against what the server has in force, and say what is wrong in which line. Nothing is changed."""
    answer = _define(file, url, token, dry_run=True)
    bearing = ", ".join(_affected(answer))
    click.echo(f"{_name(answer)} has no fault" + (f"; installed, it would bear upon {bearing}" if bearing else ""))


@cohort.command()
@_file
@_url
@_token
def define(file: Path, url: str, token: str) -> None:
    """Install FILE as the next version of its cohort. The version before it stays readable."""
    answer = _define(file, url, token, dry_run=False)
    if values_named(answer, "installed") == [True]:
        click.echo(f"{_name(answer)} is in force; people are evaluated for {', '.join(_affected(answer))}")
    else:
        click.echo(f"{_name(answer)} was in force already")


@cohort.command("list")
@click.option("--id", "identity", help="Only this one, all its versions.")
@_url
@_token
def list_definitions(identity: str | None, url: str, token: str) -> None:
    """List the definitions in force; with --id all versions of one."""
    answer = OperationClient(url, token).get("Group/$definitions", {"id": identity})
    for each in parts_named(answer, "definition"):
        state = "in force" if each["inForce"] else "superseded"
        click.echo(f"{each['id']}@{each['version']}\t{each['service']}\t{each['status']}\t{state}\t{each['title']}")


def _define(file: Path, url: str, token: str, *, dry_run: bool) -> dict[str, object]:
    parameters = {"definition": text_of(file), "file": file.name, "dry-run": dry_run}
    return OperationClient(url, token).post("Group/$define", parameters)


def _name(answer: dict[str, object]) -> str:
    return f"{values_named(answer, 'id')[0]}@{values_named(answer, 'version')[0]}"


def _affected(answer: dict[str, object]) -> list[str]:
    return [str(each) for each in values_named(answer, "affects")]
