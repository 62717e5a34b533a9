"""Passwords of the local issuer, kept as scrypt hashes (RFC 7914): `scrypt$n$r$p$salt$hash`, both in base64url.

The cost is that of https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: 32 MiB a try.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

SHORTEST: Final = 12
_N, _R, _P = 2**15, 8, 3
NOBODYS: Final = f"scrypt${_N}${_R}${_P}${'A' * 22}${'A' * 43}"
"""A hash that no password has: tried for a name that is not there, so that the time of an answer tells nothing."""
_MEMORY = 128 * 1024 * 1024
_WORDS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def hashed(password: str) -> str:
    """What is kept of a password. Raises ValueError when it is shorter than 12 characters."""
    if len(password) < SHORTEST:
        raise ValueError(f"a password has {SHORTEST} characters or more")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _N, _R, _P))}"


def holds(password: str, kept: str) -> bool:
    """Whether it is the password of this hash. Takes a tenth of a second, so not for the event loop's own thread.

    Raises ValueError for a hash that is none of ours.
    """
    kind, n, r, p, salt, digest = kept.split("$")
    if kind != "scrypt":
        raise ValueError("a password is kept as a scrypt hash")
    return hmac.compare_digest(_scrypt(password, _bytes(salt), int(n), int(r), int(p)), _bytes(digest))


def generated() -> str:
    """A password of 20 letters and digits that are not mistaken for each other."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(5)) for _ in range(4))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
