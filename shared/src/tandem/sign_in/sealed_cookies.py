"""Cookies that nobody but this installation can write: what they hold, until when, and a signature for one purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any


class CookieSeal:
    """Signs and checks cookies of one `purpose` (`session`, `sign-in`) with a secret that all replicas share."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.new(secret, f"tandem cookie {purpose}".encode(), hashlib.sha256).digest()

    def seal(self, held: dict[str, Any], until: float) -> str:
        """The value of the cookie; `until` in seconds since 1970. Whoever has it can read it."""
        payload = _text(json.dumps({**held, "until": until}, separators=(",", ":")).encode())
        return f"{payload}.{self._signature(payload)}"

    def unseal(self, value: str, now: float) -> dict[str, Any] | None:
        """What it holds; None for one that is over, or not ours."""
        payload, _, signature = value.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(payload).encode()):
            return None
        held: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return held if held["until"] > now else None

    def _signature(self, payload: str) -> str:
        return _text(hmac.new(self._key, payload.encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
