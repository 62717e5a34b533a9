"""The manifest of a backup: what is in it, and by what it is known to be whole. It is written last."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from tandem.backup.refusal import Refused

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20


class DatabaseState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a database held at the cut. `position` is the last one given in its log, `unsequenced` counts what was
    committed and had none yet, `read` how far it was in each other log, `tables` the rows of each table."""

    migration: list[str]
    position: int
    unsequenced: int
    read: dict[str, int]
    tables: dict[str, int]


class DatabaseCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One database in the backup; `bytes` and `sha256` are those of its file."""

    file: str
    kind: Literal["sqlite", "postgresql"]
    bytes: int
    sha256: str
    state: DatabaseState


class KeyArchive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The encrypted keys of the backup, by the names of their files."""

    file: str
    sha256: str
    names: list[str]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup says of itself. Times are ISO 8601 in UTC; without `keys`, keys were left out."""

    format: int
    tandem: str
    started: str
    finished: str
    databases: dict[str, DatabaseCopy]
    keys: KeyArchive | None = None


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write the manifest, durably; a backup without one is an unfinished one."""
    draft = directory / f"{MANIFEST}.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    flush(draft)
    draft.rename(directory / MANIFEST)
    flush(directory)


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a finished backup. Raises Refused for a folder that holds none, or one of a newer release."""
    path = directory / MANIFEST
    if not path.exists():
        raise Refused(f"{directory} is no finished backup: it has no {MANIFEST}")
    content = path.read_bytes()
    try:
        written = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("format", msgspec.Raw(b"0"))
        newer = msgspec.json.decode(written, type=int) > FORMAT
        if not newer:
            return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError:
        raise Refused(f"{path} cannot be read: the backup is damaged") from None
    raise Refused(f"{directory} was written by a newer release, in a form that this one does not know")


def check_file(directory: Path, file: str, sha256: str) -> Path:
    """The file, when it is what the manifest says. Raises Refused when it is missing or another one."""
    path = directory / file
    if Path(file).name != file or not path.is_file():
        raise Refused(f"{file} is missing in {directory}: the backup is damaged")
    if digest(path) != sha256:
        raise Refused(f"{file} is not what the manifest says: the backup is damaged")
    return path


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def flush(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
