"""How a notification is signed: Standard Webhooks (https://www.standardwebhooks.com), symmetric form `v1`.

HMAC-SHA256 with the Subscription's own secret over `id.timestamp.body`, so a receiver can tell who sent it, that nobody
changed it, and that it is not an old one sent again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"


def new_secret() -> str:
    """A secret of 256 bits, in the form that libraries for Standard Webhooks take."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, notification: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`; `timestamp` in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{notification}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
