"""Rotating a key or secret in its file: the next one is made and known, then it signs, then the old one goes.

Two at once in a folder wait for one another."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from tandem.identity.folder_lock import alone_in
from tandem.identity.rotated_file import beside
from tandem.identity.signing import key_from_pem, new_key


class RotationRefused(Exception):
    """The files are as they were; the text says why."""


def prepare(path: Path) -> Path:
    """Make the next key beside the file: from now on what it signs is accepted. Raises RotationRefused when there is
    one, or no file to be rotated."""
    _check(path)
    with alone_in(path.parent):
        return _prepared(path)


def _prepared(path: Path) -> Path:
    following = beside(path, "next")
    content = new_key() if path.suffix == ".pem" else secrets.token_hex(32).encode()
    try:
        descriptor = os.open(following, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RotationRefused(f"{following} is there already: rotate, or remove it") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return following


def rotate(path: Path) -> None:
    """Let the next key sign, made now unless it was prepared, and keep the old one as the previous.

    At no moment is there no key. A previous one that is still there is a rotation that was not finished: refused, as is
    a next one that cannot be used.
    """
    _check(path)
    with alone_in(path.parent):
        _rotate(path)


def _rotate(path: Path) -> None:
    following, previous = beside(path, "next"), beside(path, "previous")
    if previous.exists() and previous.read_bytes() != path.read_bytes():
        raise RotationRefused(f"{previous} is there: retire it before the next rotation")
    if not following.exists():
        _prepared(path)
    elif path.suffix == ".pem":
        try:
            key_from_pem(following.read_bytes())
        except ValueError as error:
            raise RotationRefused(f"{following} is no key that can be used: {error}") from None
    previous.unlink(missing_ok=True)
    os.link(path, previous)
    # Before it signs: `retire` counts from here, also when we end in between.
    os.utime(following)
    following.replace(path)


def retire(path: Path, life: float, *, now: float | None = None) -> None:
    """Remove the previous key: what it signed is refused from now on. Raises RotationRefused when there is none, or
    when what it signed is good for up to `life` seconds and that is not over."""
    _check(path)
    with alone_in(path.parent):
        previous = beside(path, "previous")
        if not previous.exists():
            raise RotationRefused(f"there is no {previous}")
        left = path.stat().st_mtime + life - (time.time() if now is None else now)
        if left > 0:
            raise RotationRefused(f"what the old key signed is good for another {left:.0f} s")
        previous.unlink()


def _check(path: Path) -> None:
    if not path.is_file():
        raise RotationRefused(f"there is no {path}")
