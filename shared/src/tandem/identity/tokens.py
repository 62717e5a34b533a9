"""Bearer tokens (RFC 6750, RFC 7519): a request's Authorization header becomes a Caller, or a 401.

Tokens use real time, never the domain clock. A token that held once is remembered by its hash until it expires.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from tandem.fhir.outcome import Kind
from tandem.identity.caller import Caller
from tandem.identity.claims import caller_of, check_audience, check_times, missing_token, refusal
from tandem.identity.jwks import KeySource

ALGORITHMS = frozenset(("RS256", "RS384", "RS512", "ES256", "ES384"))
"""Signatures only: `none` and shared secrets (HS*) are never accepted, whatever the key."""
_LONGEST = 16_384
SIGNATURE_ONLY: Any = dict.fromkeys(
    ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)
"""PyJWT checks the signature; every claim is checked here, against our clock and with our texts."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer and its keys. Its word on who is one of our services, or an operator, counts only where said so."""

    name: str
    keys: KeySource
    services: bool = False
    operators: bool = True


class TokenVerifier:
    """Checks tokens of one issuer, and of `others` such as the signer of our services' own tokens.

    `leeway` (0 to 30 seconds) forgives clocks that differ; `remembered` bounds the tokens kept.
    """

    def __init__(
        self, issuer: str, audience: str, jwks: KeySource, *, services: bool = False,
        others: Sequence[TrustedIssuer] = (), leeway: float = 5, remembered: int = 10_000,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        if not 0 <= leeway <= 30:
            raise ValueError("the leeway is 0 to 30 seconds")
        first = TrustedIssuer(issuer, jwks, services=services)
        self._issuers = {trusted.name: trusted for trusted in (first, *others)}
        if len(self._issuers) != 1 + len(others):
            raise ValueError("every issuer has a name of its own")
        self._audience, self._leeway, self._now = audience, leeway, now
        self._remembered = remembered
        self._known: OrderedDict[bytes, Caller] = OrderedDict()

    async def verify(self, authorization_header: str | None) -> Caller:
        """The Caller behind an Authorization header.

        Raises FhirError(UNAUTHORIZED or EXPIRED) with a WWW-Authenticate header, and FhirError(UNAVAILABLE) when the
        issuer's keys cannot be fetched.
        """
        token = _bearer(authorization_header)
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is None:
            known = await self._verified(token)
            self._remember(digest, known)
        elif self._now() >= known.expires + self._leeway:
            del self._known[digest]
            raise refusal("The bearer token has expired", kind=Kind.EXPIRED)
        else:
            self._known.move_to_end(digest)
        return known

    def _remember(self, digest: bytes, caller: Caller) -> None:
        self._known[digest] = caller
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)

    async def _verified(self, token: str) -> Caller:
        trusted, claims = await signed_claims(token, self._issuers)
        expires = check_times(claims, self._now(), self._leeway)
        check_audience(claims, self._audience)
        return caller_of(claims, token, expires, services=trusted.services, operators=trusted.operators)


async def signed_claims(token: str, issuers: Mapping[str, TrustedIssuer]) -> tuple[TrustedIssuer, dict[str, Any]]:
    """Who signed the token, and its claims, of which nothing but `iss` is checked.

    Raises FhirError(UNAUTHORIZED), and FhirError(UNAVAILABLE) when the issuer's keys cannot be fetched.
    """
    trusted, algorithm, kid = _issuer_of(token, issuers)
    key = await trusted.keys.key(kid)
    if key is None or not key.fits(algorithm):
        raise refusal("The bearer token is signed with a key that is not known")
    try:
        claims: dict[str, Any] = jwt.decode(token, key.key, algorithms=[algorithm], options=SIGNATURE_ONLY)
    except jwt.PyJWTError:
        raise refusal("The signature of the bearer token does not hold") from None
    return trusted, claims


def _issuer_of(token: str, issuers: Mapping[str, TrustedIssuer]) -> tuple[TrustedIssuer, str, str]:
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refusal("The bearer token is not a JSON Web Token") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
        raise refusal("The bearer token is signed in a way that is not accepted")
    if not isinstance(kid, str):
        raise refusal("The bearer token names no key")
    issuer = claims.get("iss")
    trusted = issuers.get(issuer) if isinstance(issuer, str) else None
    if trusted is None:
        raise refusal("The bearer token comes from an issuer that is not trusted")
    return trusted, algorithm, kid


def _bearer(header: str | None) -> str:
    if not header:
        raise missing_token()
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise missing_token()
    if not token or len(token) > _LONGEST:
        raise refusal("The bearer token is not a JSON Web Token")
    return token
