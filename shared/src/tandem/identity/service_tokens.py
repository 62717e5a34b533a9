"""Tokens by which one of our services proves itself to another.

In embedded mode the local issuer signs them. In several processes every service signs with the key in the file that
`TANDEM_SERVICE_KEY` names (PEM, the same for all), under an issuer name that only our own verifiers trust: an outside
issuer can never name a service.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tandem.identity.key_files import KeyFiles
from tandem.identity.signing import SigningKey
from tandem.identity.tokens import TrustedIssuer

SERVICE_ISSUER = "urn:tandem:services"
SERVICE_TTL = 300


class ServiceTokens:
    """Gives a token of the service that holds for at least a minute more, and signs a new one only when needed."""

    def __init__(
        self, key: Callable[[], SigningKey], issuer: str, audience: str, service: str, *,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._key, self._issuer, self._audience, self._service = key, issuer, audience, service
        self._now = now
        self._token, self._expires = "", 0

    def token(self) -> str:
        """A bearer token, without the word Bearer."""
        issued = int(self._now())
        if issued > self._expires - 60:
            self._expires = issued + SERVICE_TTL
            self._token = self._key().sign({
                "iss": self._issuer, "aud": self._audience, "sub": self._service, "iat": issued, "exp": self._expires,
                "jti": str(uuid.uuid4()), "scope": "system/*.cruds", "tandem_service": self._service,
            })  # fmt: skip
        return self._token

    @classmethod
    def from_key_file(cls, path: Path, audience: str, service: str) -> ServiceTokens:
        """Tokens signed with the shared key file. Raises OSError or ValueError when it cannot be used."""
        return cls(KeyFiles(path).signing, SERVICE_ISSUER, audience, service)


def service_issuer(path: Path) -> TrustedIssuer:
    """What a verifier needs in order to trust tokens signed with the shared key file, or the next or previous one."""
    return TrustedIssuer(SERVICE_ISSUER, KeyFiles(path), services=True, operators=False)
