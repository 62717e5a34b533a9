"""Making a backup: all databases of one cut into a new folder, with a manifest that is written last."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from tandem.backup.deployment import Databases, kind_of
from tandem.backup.key_archive import seal_keys
from tandem.backup.manifest import FORMAT, DatabaseCopy, Manifest, digest, write_manifest
from tandem.backup.refusal import Refused
from tandem.backup.snapshots import Snapshot, snapshots
from tandem.runtime.services import declared_service


async def back_up(
    databases: Databases, directory: Path, *, keys: Mapping[str, bytes] | None = None, passphrase: bytes = b""
) -> Manifest:
    """Copy all these databases, which may be written to meanwhile, and `keys` encrypted under `passphrase`.

    Raises Refused: for a folder that holds anything, such as a backup that was not finished, and for a database that is
    missing, not migrated or another service's. What a failed one leaves behind has no manifest.
    """
    for name, url in databases.items():
        if same := [other for other, another in databases.items() if other < name and another == url]:
            raise Refused(f"{same[0]} and {name} are named with the same database")
    _make(directory)
    started = datetime.now(UTC)
    copies: dict[str, DatabaseCopy] = {}
    async with snapshots(databases) as taken:
        # Every one is looked at before the first is copied: a wrong URL is told at once.
        states = {name: await each.state(declared_service(name)) for name, each in taken.items()}
        for name, snapshot in taken.items():
            path = await _copied(snapshot, directory, name)
            copies[name] = DatabaseCopy(
                path.name, kind_of(databases[name]), path.stat().st_size, digest(path), states[name]
            )
    archive = seal_keys(directory, keys, passphrase) if keys else None
    manifest = Manifest(
        FORMAT, version("tandem"), started.isoformat(), datetime.now(UTC).isoformat(), copies, archive
    )  # fmt: skip
    write_manifest(directory, manifest)
    return manifest


def _make(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        raise Refused(f"{directory} is not empty; if a backup did not finish there, remove it")
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)


async def _copied(snapshot: Snapshot, directory: Path, name: str) -> Path:
    path = directory / f"{name}.{snapshot.suffix}"
    # Nobody else may read it, whatever the umask of the program that fills it.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    await snapshot.copy(path)
    return path


FIGURES: Final = {
    "tandem_backup_finished_timestamp_seconds": "When the last backup was finished",
    "tandem_backup_duration_seconds": "How long the last backup took",
    "tandem_backup_bytes": "Size of the last backup",
}
"""What `write_age` tells Prometheus: name -> what it is."""


def write_age(path: Path, manifest: Manifest) -> None:
    """Say in Prometheus's text form when the last backup was finished, for a collector of text files.

    The file is replaced as a whole; a backup that fails leaves the one of the last that did not.
    """
    registry = CollectorRegistry()
    finished = datetime.fromisoformat(manifest.finished)
    took = finished - datetime.fromisoformat(manifest.started)
    values = (finished.timestamp(), took.total_seconds(), sum(each.bytes for each in manifest.databases.values()))
    for (name, text), value in zip(FIGURES.items(), values, strict=True):
        Gauge(name, text, registry=registry).set(value)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)
