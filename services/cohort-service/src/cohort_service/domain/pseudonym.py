"""Pseudonyms of people in extracts: the same within one recipient's key, told by nobody without it (AC-032).

A pseudonym is an HMAC (RFC 2104) with SHA-256, cut to 128 bits. Without the key it can neither be turned back nor be
found by trying all people; two recipients have different keys, so their extracts cannot be joined on it.
"""

from __future__ import annotations

import hashlib
import hmac

KEY_BYTES = 32
KEY_DAYS = 365
"""After so many days a recipient's key is replaced, and the former one is destroyed."""
_BYTES = 16


def working_key(kept: bytes, setting: bytes) -> bytes:
    """The key that is worked with: of what the database keeps and of the setting, so that neither alone is enough."""
    return hmac.new(kept, b"tandem pseudonym key" + setting, hashlib.sha256).digest()


def pseudonym(key: bytes, patient: str) -> str:
    """32 hexadecimal digits for a Patient.id."""
    return hmac.new(key, patient.encode(), hashlib.sha256).digest()[:_BYTES].hex()


def key_is_spent(made: int, today: int) -> bool:
    """Whether a key that was made on a day (as in facts) is to be replaced."""
    return today - made >= KEY_DAYS
