"""`tandem keys`: rotating keys and secrets that are kept in files, while everything runs (docs/operations/keys.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from tandem.backup.key_archive import archived_keys, write_keys
from tandem.backup.refusal import Refused
from tandem.identity import key_rotation
from tandem.identity.issuer import parse_ttl
from tandem.identity.key_rotation import RotationRefused
from tandem.identity.rotated_file import beside
from tandem.identity.signing import key_from_pem

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def keys() -> None:
    """Keys and secrets in files: service-key.pem, issuer-key.pem, paging-key."""


@keys.command()
@_FILE
def status(file: Path) -> None:
    """Which keys are there: use, file, since when, and the kid of a signing key."""
    for use, path in (("signs", file), ("next", beside(file, "next")), ("previous", beside(file, "previous"))):
        if path.is_file():
            since = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
            click.echo(f"{use}\t{path.name}\t{since}\t{_kid(path)}")
    if not file.is_file():
        raise click.ClickException(f"there is no {file}")


@keys.command()
@_FILE
def prepare(file: Path) -> None:
    """Make the next key: it is accepted from now on, and signs nothing yet."""
    click.echo(f"made {_done(lambda: key_rotation.prepare(file))}")


@keys.command()
@_FILE
def rotate(file: Path) -> None:
    """Let the next key sign; what the old one signed is accepted until it is retired."""
    _done(lambda: key_rotation.rotate(file))
    click.echo(f"{file.name} signs anew; the old key is {beside(file, 'previous').name}")


@keys.command()
@_FILE
@click.option("--life", default="8h", show_default=True, help="How long what it signed is good for, such as 360s.")
def retire(file: Path, life: str) -> None:
    """Remove the old key. Refused until what it signed is over."""
    try:
        seconds = parse_ttl(life)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _done(lambda: key_rotation.retire(file, seconds))
    click.echo(f"{beside(file, 'previous').name} is gone")


@keys.command()
@click.argument("backup", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Gets the folders they were in.")
@click.option("--passphrase-file", required=True, type=click.Path(path_type=Path), help="Its first line opens them.")
def restore(backup: Path, target: Path, passphrase_file: Path) -> None:
    """Bring back the keys of a backup alone: before anything is started that would make new ones."""
    try:
        files = archived_keys(backup, passphrase_file)
        write_keys(files, target)
    except (Refused, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name in sorted(files):
        click.echo(name)


def _done(step: Callable[[], object]) -> object:
    try:
        return step()
    except RotationRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except OSError as error:
        raise click.ClickException(f"nothing was changed, or not all: {error}") from error


def _kid(path: Path) -> str:
    if path.suffix != ".pem":
        return "-"
    try:
        return key_from_pem(path.read_bytes()).kid
    except ValueError:
        return "cannot be used"
