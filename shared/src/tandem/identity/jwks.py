"""Where the public keys of an issuer come from: a set at hand, or the issuer's own address (RFC 7517)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tandem.fhir.outcome import FhirError, Kind

_log = logging.getLogger(__name__)
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key and, when its issuer says so, the one algorithm it is for."""

    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    algorithm: str | None

    def fits(self, algorithm: str) -> bool:
        """Whether a signature of this algorithm may be checked with the key: never an RSA key as an HMAC secret."""
        if self.algorithm is not None and self.algorithm != algorithm:
            return False
        if isinstance(self.key, rsa.RSAPublicKey):
            return algorithm.startswith("RS") and self.key.key_size >= 2048
        return _CURVES.get(algorithm) == self.key.curve.name


class KeySource(Protocol):
    """Finds a public key by its `kid`; None when the issuer has no such key.

    Raises FhirError(UNAVAILABLE) when the issuer's keys cannot be had just now.
    """

    async def key(self, kid: str) -> PublicKey | None: ...


def read_keys(document: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The signature keys of a JWK set by `kid`; secrets, encryption keys and keys without a `kid` are left out."""
    found: dict[str, PublicKey] = {}
    for entry in document.get("keys") or []:
        kid = entry.get("kid")
        if not isinstance(kid, str) or entry.get("kty") not in ("RSA", "EC") or entry.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK.from_dict({name: value for name, value in entry.items() if name != "alg"}).key
        except (jwt.PyJWTError, ValueError, TypeError):
            _log.warning("an issuer publishes a key that cannot be read")
            continue
        if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            found[kid] = PublicKey(key, entry.get("alg"))
    return found


class LocalKeys:
    """Keys at hand: of the local issuer, or of a registered client."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._keys = read_keys(document)

    async def key(self, kid: str) -> PublicKey | None:
        return self._keys.get(kid)


class RemoteKeys:
    """Keys at an issuer's address: kept for `max_age` seconds, and asked for again when an unknown `kid` turns up.

    It is asked at most once in `pause` seconds, so that invented `kid`s cannot make us flood it. When it does not
    answer, keys already had serve for `max_stale` seconds more.
    """

    def __init__(
        self, url: str, *, client: Callable[[], httpx.AsyncClient] | None = None, max_age: float = 600,
        max_stale: float = 86_400, pause: float = 10, now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._url = url
        self._client = client or (lambda: httpx.AsyncClient(timeout=5, follow_redirects=False))
        self._max_age, self._max_stale, self._pause = max_age, max_stale, pause
        self._now = now
        self._keys: dict[str, PublicKey] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> PublicKey | None:
        known = self._keys.get(kid)
        if known is not None and self._now() - self._fetched < self._max_age:
            return known
        await self._refresh(kid)
        if self._now() - self._fetched > self._max_age + self._max_stale or (
            kid not in self._keys and self._tried > self._fetched
        ):
            raise FhirError(Kind.UNAVAILABLE, "The token issuer's keys cannot be fetched just now",
                            headers={"Retry-After": "5"})  # fmt: skip
        return self._keys.get(kid)

    async def _refresh(self, kid: str) -> None:
        async with self._fetching:
            fresh = kid in self._keys and self._now() - self._fetched < self._max_age
            if fresh or self._now() - self._tried < self._pause:
                return
            started = self._now()
            try:
                self._keys = await self._fetch()
                self._tried = self._fetched = started
            except (httpx.HTTPError, ValueError, AttributeError) as error:
                self._tried = started
                _log.warning("the token issuer's keys could not be fetched: %s", type(error).__name__)

    async def _fetch(self) -> dict[str, PublicKey]:
        async with self._client() as client:
            answer = await client.get(self._url)
        answer.raise_for_status()
        if answer.is_redirect or len(answer.content) > _LARGEST:
            raise ValueError("not a key set")
        return read_keys(answer.json())
