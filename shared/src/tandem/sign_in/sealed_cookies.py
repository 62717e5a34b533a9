"""Cookies that nobody but this installation can write: what they hold, until when, and a signature for one purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from tandem.identity.rotated_secret import Secret, accepted, signing


class CookieSeal:
    """Signs and checks cookies of one `purpose` (`session`, `sign-in`) with a secret that all replicas share."""

    def __init__(self, secret: Secret, purpose: str) -> None:
        self._secret, self._purpose = secret, f"tandem cookie {purpose}".encode()

    def seal(self, held: dict[str, Any], until: float) -> str:
        """The value of the cookie; `until` in seconds since 1970. Whoever has it can read it."""
        payload = _text(json.dumps({**held, "until": until}, separators=(",", ":")).encode())
        return f"{payload}.{self._signature(signing(self._secret), payload)}"

    def unseal(self, value: str, now: float) -> dict[str, Any] | None:
        """What it holds; None for one that is over, or not ours."""
        payload, _, signature = value.partition(".")
        if not accepted(
            self._secret, lambda each: hmac.compare_digest(signature.encode(), self._signature(each, payload).encode())
        ):
            return None
        held: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return held if held["until"] > now else None

    def _signature(self, secret: bytes, payload: str) -> str:
        key = hmac.new(secret, self._purpose, hashlib.sha256).digest()
        return _text(hmac.new(key, payload.encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
