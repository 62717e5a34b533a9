"""An OpenID provider, as a client of it sees it: its addresses, its keys, and the exchange of a code for tokens.

https://openid.net/specs/openid-connect-core-1_0.html, section 3.1. Plain HTTP and the kernel's own token checks: a
client library would check the same claims a second time, by rules of its own.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tandem.identity.claims import check_times
from tandem.identity.issuer import access_token_hash
from tandem.identity.jwks import KeySource
from tandem.identity.openid_configuration import OPENID_PATH
from tandem.identity.pkce import METHOD, challenge_of
from tandem.identity.tokens import TrustedIssuer, signed_claims

_NAMES = ("authorization_endpoint", "token_endpoint")
_LEEWAY = 5
_KEPT = 600


class ProviderFailed(Exception):
    """The provider cannot be reached, or its answer does not hold. The text is constant and may be shown."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for: the claims of the ID token, checked, and the access token, not yet checked."""

    identity: dict[str, Any]
    access_token: str


@dataclass(frozen=True, slots=True)
class ProviderClient:
    """Who we are to the provider. Without a secret we are a public client, and PKCE alone protects the code."""

    id: str
    redirect_uri: str
    secret: str = ""


class Provider:
    """The provider at `url`, whose tokens name `issuer`. `http` gives a client for each exchange.

    A provider of the same installation is reached by another address than browsers have for it: then `url` is not the
    issuer, and its token endpoint is asked there too.
    """

    def __init__(
        self, url: str, issuer: str, keys: KeySource, client: ProviderClient, *,
        http: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(timeout=10),
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._url, self.issuer, self.client = url.rstrip("/"), issuer, client
        self._keys, self._http, self._now = keys, http, now
        self._addresses: dict[str, str] = {}
        self._fetched = float("-inf")

    async def sign_in_address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent. Raises ProviderFailed."""
        query = urlencode({
            "response_type": "code", "client_id": self.client.id, "redirect_uri": self.client.redirect_uri,
            "scope": "openid profile user/*.rs", "state": state, "nonce": nonce,
            "code_challenge": challenge_of(verifier), "code_challenge_method": METHOD,
        })  # fmt: skip
        address = (await self._known_addresses())["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{query}"

    async def redeem(self, code: str, verifier: str, nonce: str) -> Tokens:
        """Exchange a code. Raises ProviderFailed, and FhirError for an ID token that does not hold."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.client.redirect_uri,
            "client_id": self.client.id, "code_verifier": verifier,
        }  # fmt: skip
        # RFC 6749 2.3.1: both halves are form-encoded before they become a basic credential.
        basic = (quote(self.client.id, safe=""), quote(self.client.secret, safe="")) if self.client.secret else None
        answer = await self._json("POST", (await self._known_addresses())["token_endpoint"], form, basic)
        token, identity = answer.get("access_token"), answer.get("id_token")
        if not isinstance(token, str) or not isinstance(identity, str):
            raise ProviderFailed("The sign-in service gave no tokens for this code")
        return Tokens(await self._checked(identity, token, nonce), token)

    async def _checked(self, identity: str, access_token: str, nonce: str) -> dict[str, Any]:
        """The claims of the ID token (OpenID Connect Core 3.1.3.7)."""
        _, claims = await signed_claims(identity, {self.issuer: TrustedIssuer(self.issuer, self._keys)})
        check_times(claims, self._now(), _LEEWAY)
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if self.client.id not in named or (len(named) > 1 and claims.get("azp") != self.client.id):
            raise ProviderFailed("The sign-in was meant for another client")
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
            raise ProviderFailed("The sign-in does not belong to this browser")
        half = claims.get("at_hash")
        if half is not None and half not in _hashes(access_token):
            raise ProviderFailed("The two tokens of the sign-in do not belong together")
        return claims

    async def _known_addresses(self) -> dict[str, str]:
        if self._now() - self._fetched < _KEPT:
            return self._addresses
        document = await self._json("GET", f"{self._url}{OPENID_PATH}")
        if document.get("issuer") != self.issuer:
            raise ProviderFailed("The sign-in service calls itself by another name than the one that is trusted")
        if any(not isinstance(document.get(name), str) for name in _NAMES):
            raise ProviderFailed("The sign-in service does not say where one signs in")
        addresses = {name: document[name] for name in _NAMES}
        addresses["token_endpoint"] = self._from_here(addresses["token_endpoint"])
        self._addresses, self._fetched = addresses, self._now()
        return self._addresses

    def _from_here(self, address: str) -> str:
        below = f"{self.issuer.rstrip('/')}/"
        return f"{self._url}/{address.removeprefix(below)}" if address.startswith(below) else address

    async def _json(
        self, method: str, url: str, form: dict[str, str] | None = None, basic: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            async with self._http() as client:
                auth = httpx.BasicAuth(*basic) if basic else None
                answer = await client.request(method, url, data=form, auth=auth)
        except httpx.TransportError as error:
            raise ProviderFailed("The sign-in service cannot be reached just now") from error
        if answer.status_code != 200:
            raise ProviderFailed("The sign-in service refused this sign-in: the code is used, late or not for us")
        try:
            found: Any = answer.json()
        except ValueError as error:
            raise ProviderFailed("The sign-in service gave an answer that cannot be read") from error
        if not isinstance(found, dict):
            raise ProviderFailed("The sign-in service gave an answer that cannot be read")
        return found


def _hashes(access_token: str) -> tuple[str, ...]:
    return tuple(access_token_hash(access_token, algorithm) for algorithm in ("RS256", "RS384", "RS512"))
