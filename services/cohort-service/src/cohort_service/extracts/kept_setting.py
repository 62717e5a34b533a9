"""Another TANDEM_PSEUDONYM_KEY is noticed at the start: with it nobody's pseudonym would be that of before.

Kept is a fingerprint of 32 bits, which is enough to tell another key and too little to check a guess by.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from tandem.fhir.outcome import FhirError, Kind
from tandem.settings import SettingError

if TYPE_CHECKING:
    from tandem.database.connection import Connection
    from tandem.fhir.kernel import Kernel

_TEXT: Final = b"tandem fingerprint of the pseudonym key"
_KEPT: Final = "SELECT fingerprint FROM pseudonym_setting WHERE number = 1"
_KEEP: Final = (
    "INSERT INTO pseudonym_setting (number, fingerprint) VALUES (1, $1)"
    " ON CONFLICT (number) DO UPDATE SET fingerprint = excluded.fingerprint"
)


async def refuse_another_key(connection: Connection, kernel: Kernel) -> None:
    """Keep the fingerprint of the setting as long as no recipient has a key, or compare. Raises SettingError."""
    now = _fingerprint(kernel.pseudonym_key)
    kept = await connection.fetchval(_KEPT)
    if kept is None or await connection.fetchval("SELECT 1 FROM pseudonym_key LIMIT 1") is None:
        await connection.execute(_KEEP, now)
    elif kept != now:
        raise SettingError(
            "TANDEM_PSEUDONYM_KEY is another than when extracts were made: set it as it was (docs/operations/keys.md)"
        )


async def refuse_unless_kept(connection: Connection, kernel: Kernel) -> None:
    """Raises FhirError 503 in a process whose setting a later start has replaced: one of that setting makes them."""
    kept = await connection.fetchval(_KEPT)
    if kept is not None and kept != _fingerprint(kernel.pseudonym_key):
        raise FhirError(Kind.UNAVAILABLE, "TANDEM_PSEUDONYM_KEY was changed since this process started")


def _fingerprint(setting: bytes) -> str:
    return hmac.new(setting, _TEXT, hashlib.sha256).hexdigest()[:8]
