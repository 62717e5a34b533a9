"""`tandem user`: who may sign in to the pages at the local issuer."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from tandem.identity.passwords import generated, hashed
from tandem.identity.people import DEFAULT_SCOPE, PeopleRegistry, SigningIn

_DATA = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="The data directory of `tandem serve`."
)


@click.group()
def user() -> None:
    """People who sign in to the dashboard at the local issuer. A running server needs no restart."""


@user.command()
@click.argument("name")
@_DATA
@click.option("--org", required=True, help="ODS code of the organisation, or system#value for one without.")
@click.option("--user", "person", required=True, help="The person's resource, e.g. Practitioner/123.")
@click.option("--display", required=True, help="How the person is shown, e.g. 'Dr Amina Khan'.")
@click.option("--role", help="The person's role code.")
@click.option("--purpose", help="The purpose of use, e.g. TREAT.")
@click.option("--scope", default=DEFAULT_SCOPE, show_default=True, help="SMART v2 scopes, separated by spaces.")
@click.option("--password-file", type=click.File(encoding="utf-8"), help="Its first line is the password; - for stdin.")
def add(
    name: str, data: Path, org: str, person: str, display: str, role: str | None, purpose: str | None, scope: str,
    password_file: TextIO | None,
) -> None:  # fmt: skip
    """Add a person, or change one, and print the password, unless a file gives it."""
    password = generated() if password_file is None else password_file.readline().rstrip("\r\n")
    try:
        added = SigningIn(name, display, hashed(password), org, person, role, purpose, scope)
        PeopleRegistry(data).put(added)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if password_file is None:
        click.echo(password)


@user.command()
@click.argument("name")
@_DATA
def remove(name: str, data: Path) -> None:
    """Take a person out. A session that is under way lasts until it ends, an hour at most."""
    if not PeopleRegistry(data).remove(name):
        raise click.ClickException(f"there is nobody of the name {name}")


@user.command("list")
@_DATA
def list_people(data: Path) -> None:
    """List them: name, organisation, resource, display."""
    for each in PeopleRegistry(data).everyone():
        click.echo(f"{each.name}\t{each.organisation}\t{each.user}\t{each.display}")
