"""The signing key of an issuer of our own in its file, with the next and the previous one: rotated while we run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tandem.identity.jwks import PublicKey, read_keys
from tandem.identity.rotated_file import RotatedFile
from tandem.identity.signing import SigningKey, key_from_pem

_log = logging.getLogger(__name__)


class KeyFiles:
    """Signs with the key in the file; as a KeySource it knows the next and the previous one too.

    Raises OSError or ValueError when the file cannot be used at the beginning. One that cannot be used later is logged,
    and what was read last goes on to count.
    """

    def __init__(self, path: Path, *, now: Callable[[], float] = time.monotonic) -> None:
        self._file = RotatedFile(path, now=now)
        self._contents: tuple[bytes, ...] = self._file.contents()
        self._keys = _parsed(self._contents)
        self._public = read_keys(self._jwks())

    def signing(self) -> SigningKey:
        """The key that signs now."""
        self._look()
        return self._keys[0]

    def jwks(self) -> dict[str, Any]:
        """The public halves of all keys that are accepted, as a JWK set."""
        self._look()
        return self._jwks()

    def contents(self, anew: bool = False) -> tuple[bytes, ...]:
        """The files as they are, for what is derived from them."""
        return self._file.contents(anew=anew)

    async def key(self, kid: str) -> PublicKey | None:
        """See KeySource."""
        self._look()
        if kid not in self._public:
            # Signed by a process that has seen a rotation before this one.
            self._look(anew=True)
        return self._public.get(kid)

    def _jwks(self) -> dict[str, Any]:
        return {"keys": list({key.kid: key.public_jwk() for key in self._keys}.values())}

    def _look(self, *, anew: bool = False) -> None:
        contents = self._file.contents(anew=anew)
        if contents is self._contents:
            return
        self._contents = contents
        try:
            self._keys = _parsed(contents)
        except ValueError as error:
            _log.error("a key file has become one that cannot be used: %s", type(error).__name__)
            return
        self._public = read_keys(self._jwks())


def _parsed(contents: tuple[bytes, ...]) -> tuple[SigningKey, ...]:
    return tuple(key_from_pem(each) for each in contents)
