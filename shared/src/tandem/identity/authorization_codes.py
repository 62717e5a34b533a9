"""Codes that a browser carries from the local issuer to the page that asked for it (RFC 6749 section 4.1.2).

A code holds for a minute and is good once, whether its exchange succeeds or not. They are kept in memory: the local
issuer is one process, and after a restart one signs in again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tandem.identity.people import SigningIn
from tandem.identity.pkce import answers

CODE_TTL: Final = 60
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asked for; `state` goes back to it as it came."""

    client: str
    redirect_uri: str
    challenge: str
    state: str
    nonce: str | None


@dataclass(frozen=True, slots=True)
class _Given:
    request: AuthorizationRequest
    person: SigningIn
    until: float


class AuthorizationCodes:
    """The codes given and not yet used. `now` is seconds since 1970."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._given: dict[str, _Given] = {}

    def give(self, request: AuthorizationRequest, person: SigningIn) -> str:
        """A code for what was asked, by this person."""
        now = self._now()
        self._given = {code: given for code, given in self._given.items() if given.until > now}
        while len(self._given) >= _MOST:
            del self._given[next(iter(self._given))]
        code = secrets.token_urlsafe(32)
        self._given[code] = _Given(request, person, now + CODE_TTL)
        return code

    def take(
        self, code: str, *, client: str, redirect_uri: str, verifier: str
    ) -> tuple[AuthorizationRequest, SigningIn] | None:
        """What the code stands for, once; None for one that is used, late, or another client's or browser's."""
        given = self._given.pop(code, None)
        if given is None or given.until <= self._now():
            return None
        asked = given.request
        if (client, redirect_uri) != (asked.client, asked.redirect_uri) or not answers(verifier, asked.challenge):
            return None
        return asked, given.person
