"""The local issuer of embedded mode: it signs tokens with a key of its own and publishes the public half."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tandem.identity.key_files import KeyFiles
from tandem.identity.organisations import organisation_code
from tandem.identity.service_tokens import ServiceTokens
from tandem.identity.signing import SigningKey, load_or_create_key

KEY_FILE = "issuer-key.pem"
DEFAULT_SCOPE = "system/*.cruds"
DEFAULT_TTL = 8 * 3600

_TTL = re.compile(r"(\d{1,9})(s|m|h|d)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}


def parse_ttl(text: str) -> int:
    """Seconds in `900`, `15m`, `8h` or `1d`. Raises ValueError for anything else, and for nothing at all."""
    match = _TTL.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError("a lifetime is a number of seconds, or a number with s, m, h or d, such as 8h")
    return int(match[1]) * _UNITS[match[2]]


def access_token_hash(token: str, algorithm: str) -> str:
    """`at_hash` of an ID token: the first half of a digest of the access token (OpenID Connect Core 3.1.3.6)."""
    digest = hashlib.new(f"sha{algorithm[-3:]}", token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


class LocalIssuer:
    """Mints tokens for `issuer` and `audience` with the key in `directory`, which it creates when there is none."""

    def __init__(
        self, directory: Path, issuer: str, audience: str, *, now: Callable[[], float] = time.time
    ) -> None:  # fmt: skip
        self.name, self.audience = issuer, audience
        load_or_create_key(directory / KEY_FILE)
        self.keys = KeyFiles(directory / KEY_FILE)
        self._now = now

    @property
    def signing_key(self) -> SigningKey:
        """The key that signs now."""
        return self.keys.signing()

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set: of the key that signs, and of the next and the previous while there are any."""
        return self.keys.jwks()

    def mint(
        self, organisation: str, *, scope: str = DEFAULT_SCOPE, user: str | None = None, role: str | None = None,
        purpose: str | None = None, ttl: int = DEFAULT_TTL, operator: bool = False, client: str | None = None,
        subject: str | None = None,
    ) -> str:  # fmt: skip
        """A signed token for an organisation (ODS code, `system|value` or `system#value`), good for `ttl` seconds.

        Raises ValueError for an organisation in another form or a lifetime below one second.
        """
        if ttl < 1:
            raise ValueError("a lifetime is at least one second")
        code = organisation_code(organisation)
        issued = int(self._now())
        claims: dict[str, Any] = {
            "iss": self.name, "aud": self.audience, "sub": subject or client or user or code, "iat": issued,
            "exp": issued + ttl, "jti": str(uuid.uuid4()), "scope": scope, "organisation": code,
        }  # fmt: skip
        named = {"client_id": client, "fhirUser": user, "role": role, "purpose": purpose}
        claims.update({name: value for name, value in named.items() if value})
        if operator:
            claims["tandem_operator"] = True
        return self.signing_key.sign(claims)

    def identify(self, subject: str, client: str, *, name: str, nonce: str | None, access_token: str, ttl: int) -> str:
        """A signed ID token about `subject` for a client (OpenID Connect Core 2), bound to the access token."""
        issued = int(self._now())
        claims: dict[str, Any] = {
            "iss": self.name, "aud": client, "sub": subject, "iat": issued, "exp": issued + ttl, "auth_time": issued,
            "name": name, "at_hash": access_token_hash(access_token, self.signing_key.algorithm),
        }  # fmt: skip
        return self.signing_key.sign(claims | ({"nonce": nonce} if nonce else {}))

    def service_tokens(self, service: str) -> ServiceTokens:
        """Tokens under which `service` calls the others."""
        return ServiceTokens(self.keys.signing, self.name, self.audience, service, now=self._now)
