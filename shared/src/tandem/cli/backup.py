"""`tandem backup`: a copy of all databases of a deployment, while it runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from tandem.backup.backup import back_up, write_age
from tandem.backup.deployment import databases_of
from tandem.backup.key_archive import key_files, read_passphrase
from tandem.backup.refusal import Refused
from tandem.database.connection import DatabaseUnavailable


@click.command()
@click.option("--to", "directory", required=True, type=click.Path(path_type=Path, file_okay=False), help="New.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Data directory of `tandem serve`.")
@click.option("--databases", envvar="TANDEM_DATABASES", help="Or service=url,… of all five services and the gateway.")
@click.option("--keys", "folders", multiple=True, type=click.Path(path_type=Path), help="A folder of keys, encrypted.")
@click.option("--passphrase-file", type=click.Path(path_type=Path), help="Its first line encrypts the keys.")
@click.option("--textfile", type=click.Path(path_type=Path), help="Tell Prometheus's text file collector about it.")
def backup(
    directory: Path, data: Path | None, databases: str | None, folders: tuple[Path, ...], passphrase_file: Path | None,
    textfile: Path | None,
) -> None:  # fmt: skip
    """Copy all databases of a deployment, which may go on working, into a new folder with a manifest."""
    if bool(folders) != (passphrase_file is not None):
        raise click.UsageError("--keys and --passphrase-file go together: keys are encrypted, or left out")
    try:
        keys = key_files(list(folders)) if folders else None
        passphrase = read_passphrase(passphrase_file) if passphrase_file is not None else b""
        found = databases_of(data, None if data is not None else databases)
        manifest = asyncio.run(back_up(found, directory, keys=keys, passphrase=passphrase))
    except (Refused, DatabaseUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name, copy in manifest.databases.items():
        click.echo(f"{name}\t{copy.bytes} bytes\tposition {copy.state.position}")
    archive = manifest.keys
    click.echo(f"keys\t{len(archive.names)} files, encrypted" if archive else "keys\tleft out: keep them elsewhere")
    if textfile is not None:
        write_age(textfile, manifest)
