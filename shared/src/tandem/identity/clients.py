"""Clients of the token endpoint: who they are, and how one proves it with a signed assertion.

SMART backend services, https://hl7.org/fhir/smart-app-launch/STU2.1/backend-services.html: the client signs a JWT with
its private key; it names itself as `iss` and `sub`, the token endpoint as `aud`, lasts five minutes at most and is
used once.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from tandem.identity.jwks import LocalKeys, PublicKey
from tandem.identity.organisations import organisation_code
from tandem.identity.scopes import Scopes, parse_scopes
from tandem.identity.tokens import ALGORITHMS, SIGNATURE_ONLY

CLIENTS_FILE = "clients.json"
ASSERTION_ALGORITHMS = ("RS384", "ES384", "RS512")
_LONGEST_LIFE = 300
_LEEWAY = 5


class AssertionRefused(Exception):
    """The client is not known, or its assertion does not hold. The text is constant and may be shown."""


@dataclass(frozen=True, slots=True)
class Client:
    """A registered system: its organisation, its public keys and the most it may be granted."""

    id: str
    organisation: str
    scopes: Scopes
    keys: LocalKeys


class ClientRegistry:
    """The file `clients.json`: client id -> `organisation`, `jwks`, `scopes`. A changed file is read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._clients: dict[str, Client] = {}

    def find(self, client_id: str) -> Client | None:
        """The client of that id. Raises ValueError when the file is not a registry."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._clients = _read(json.loads(self._path.read_bytes()))
            self._stamp = stamp
        return self._clients.get(client_id)


def _read(document: Any) -> dict[str, Client]:
    try:
        return {
            name: Client(name, organisation_code(entry["organisation"]), parse_scopes(entry["scopes"], person=False),
                         LocalKeys(entry["jwks"]))
            for name, entry in document.items()
        }  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        raise ValueError("clients.json maps a client id to organisation, jwks and scopes") from None


class Replays:
    """The assertions used so far. They are kept in a file, so that a restart does not make one good again."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = path, now
        self._used: dict[str, float] = {}
        if path.exists():
            lines = (line.split() for line in path.read_text("ascii").splitlines())
            self._used = {line[0]: float(line[1]) for line in lines if len(line) == 2 and float(line[1]) > now()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{digest} {until}\n" for digest, until in self._used.items()), "ascii")

    def use(self, client_id: str, jti: str, until: float) -> bool:
        """Whether this is the first use; remembered until `until` (seconds since 1970)."""
        digest = hashlib.sha256(f"{client_id}\x1f{jti}".encode()).hexdigest()
        now = self._now()
        self._used = {known: end for known, end in self._used.items() if end > now}
        if digest in self._used:
            return False
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{digest} {until}\n")
        self._used[digest] = until
        return True


async def authenticate(
    assertion: str, registry: ClientRegistry, replays: Replays, token_url: str, *, now: float
) -> Client:
    """The client that an assertion proves. Raises AssertionRefused."""
    try:
        header = jwt.get_unverified_header(assertion)
        named = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise AssertionRefused("The client assertion is not a JSON Web Token") from None
    client = registry.find(named) if isinstance(named, str) else None
    key = await _key(client, header)
    try:
        claims = jwt.decode(assertion, key.key, algorithms=[header["alg"]], options=SIGNATURE_ONLY)
    except jwt.PyJWTError:
        raise AssertionRefused("The signature of the client assertion does not hold") from None
    assert client is not None  # _key has refused an unknown one
    _check(claims, client, token_url, now)
    if not replays.use(client.id, claims["jti"], claims["exp"] + _LEEWAY):
        raise AssertionRefused("The client assertion has been used before")
    return client


async def _key(client: Client | None, header: dict[str, Any]) -> PublicKey:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ASSERTION_ALGORITHMS or algorithm not in ALGORITHMS or "crit" in header:
        raise AssertionRefused(f"The client assertion is signed with one of {', '.join(ASSERTION_ALGORITHMS)}")
    key = await client.keys.key(kid) if client is not None and isinstance(kid, str) else None
    if key is None or not key.fits(algorithm):
        raise AssertionRefused("The client, or the key of its assertion, is not registered")
    return key


def _check(claims: dict[str, Any], client: Client, token_url: str, now: float) -> None:
    audience = claims.get("aud")
    if claims.get("sub") != client.id or claims.get("iss") != client.id:
        raise AssertionRefused("The client assertion names the client as both iss and sub")
    if audience != token_url and audience != [token_url]:
        raise AssertionRefused("The client assertion is for another address than this token endpoint")
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not math.isfinite(expires):
        raise AssertionRefused("The client assertion has no expiry")
    if not now - _LEEWAY < expires <= now + _LONGEST_LIFE + _LEEWAY:
        raise AssertionRefused("The client assertion has expired, or lasts longer than five minutes")
    start = claims.get("nbf")
    if start is not None and (not isinstance(start, int | float) or start > now + _LEEWAY):
        raise AssertionRefused("The client assertion is not valid yet")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise AssertionRefused("The client assertion has no jti")
