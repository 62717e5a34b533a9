"""A secret that signs what is given out and taken back, such as links: one signs, and those before it still count."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol


class RotatedSecret(Protocol):
    """Its bytes now: the first signs, all are accepted."""

    def all(self, *, anew: bool = False) -> Sequence[bytes]: ...


Secret = bytes | RotatedSecret
"""A secret that stays, or one that is rotated."""


def signing(secret: Secret) -> bytes:
    """What signs now."""
    return secret if isinstance(secret, bytes) else secret.all()[0]


def accepted(secret: Secret, fits: Callable[[bytes], bool]) -> bool:
    """Whether any secret that counts fits. Before it says no, it looks whether a new one has come."""
    if isinstance(secret, bytes):
        return fits(secret)
    known = secret.all()
    if any(fits(each) for each in known):
        return True
    latest = secret.all(anew=True)
    return latest is not known and any(fits(each) for each in latest)


class FixedSecrets:
    """Secrets from settings, the one that signs first."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._secrets = tuple(secrets)

    def all(self, *, anew: bool = False) -> Sequence[bytes]:
        return self._secrets


class FileSecrets:
    """Secrets made from what a source gives, such as the contents of a RotatedFile, by one function."""

    def __init__(self, read: Callable[[bool], tuple[bytes, ...]], derive: Callable[[bytes], bytes]) -> None:
        self._read, self._derive = read, derive
        self._contents: tuple[bytes, ...] = ()
        self._secrets: tuple[bytes, ...] = ()

    def all(self, *, anew: bool = False) -> Sequence[bytes]:
        contents = self._read(anew)
        if contents is not self._contents:
            self._contents = contents
            self._secrets = tuple(self._derive(each) for each in contents)
        return self._secrets


def page_secret_of(key: bytes) -> bytes:
    """The secret for links that is made of another key or secret."""
    return hashlib.sha256(b"paging" + key).digest()
