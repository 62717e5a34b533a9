"""`/oauth2/authorize`: the sign-in page of the local issuer (OpenID Connect Core 3.1.2, RFC 6749 4.1, RFC 7636).

One client may ask: the pages of this server. What it asks for goes into the form, sealed together with a cookie of the
browser, so that the form of another browser or another request is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tandem.identity.authorization_codes import AuthorizationCodes, AuthorizationRequest
from tandem.identity.forms import read_form
from tandem.identity.password_attempts import PasswordAttempts
from tandem.identity.passwords import NOBODYS, holds
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem.identity.pkce import METHOD, is_challenge
from tandem.pages.templating import Pages

AUTHORIZE_PATH: Final = "/oauth2/authorize"
PAGES_CLIENT: Final = "tandem-pages"
CALLBACK_PATH: Final = "/sign-in/callback"
_COOKIE = "tandem-issuer"
_MOST_LISTED = 12
_WRONG = "The password is not the one of this person"
_TOO_OFTEN = "Too many wrong passwords: try again in a quarter of an hour"


class AuthorizationEndpoint:
    """The page, for the people registered in `directory`; `public_url` is where browsers find this server."""

    def __init__(
        self, directory: Path, public_url: str, issuer: str, codes: AuthorizationCodes, *,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        base = public_url.rstrip("/")
        self._redirect_uri, self._secure = f"{base}{CALLBACK_PATH}", base.startswith("https://")
        self._issuer, self._codes = issuer, codes
        self._people = PeopleRegistry(directory)
        self._attempts = PasswordAttempts(now=now)
        self._pages = Pages("tandem.pages")
        self._secret = secrets.token_bytes(32)

    def routes(self) -> list[Route]:
        """The route, to be mounted at the root."""
        return [
            Route(AUTHORIZE_PATH, self.ask, methods=["GET"]),
            Route(AUTHORIZE_PATH, self.sign_in, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """`GET`: the page on which somebody says who they are."""
        asked = dict(request.query_params)
        fault = self._client_fault(asked)
        if fault is not None:
            return self._refused(fault)
        wanted = _wanted(asked)
        if isinstance(wanted, str):
            return self._back(asked, {"error": "invalid_request", "error_description": wanted})
        browser = request.cookies.get(_COOKIE) or secrets.token_urlsafe(32)
        return self._form(wanted, browser)

    async def sign_in(self, request: Request) -> Response:
        """`POST`: name and password; back to the client with a code when they hold."""
        form, browser = await read_form(request), request.cookies.get(_COOKIE)
        if form is None or not browser or self._client_fault(form) is not None:
            return self._refused("The form was not the one that this page gave")
        wanted = _wanted(form)
        if isinstance(wanted, str) or not self._is_sealed(form, wanted, browser):
            return self._refused("The form was not the one that this page gave")
        name = form.get("name", "")
        if self._attempts.refused(name):
            return self._form(wanted, browser, name, _TOO_OFTEN, 429)
        person = await self._person(name, form.get("password", ""))
        if person is None:
            self._attempts.wrong(name)
            return self._form(wanted, browser, name, _WRONG, 400)
        self._attempts.right(name)
        return self._back(form, {"code": self._codes.give(wanted, person)})

    async def _person(self, name: str, password: str) -> SigningIn | None:
        person = self._people.find(name)
        kept = person.password if person is not None else NOBODYS
        right = await asyncio.to_thread(holds, password, kept)
        return person if right else None

    def _client_fault(self, asked: Mapping[str, str]) -> str | None:
        # Never redirected: the address to go back to is what is in doubt (RFC 6749 4.1.2.1).
        if asked.get("client_id") != PAGES_CLIENT:
            return "The page that sent you here is not known to this sign-in"
        if asked.get("redirect_uri") != self._redirect_uri:
            return "The page that sent you here asked to go on to an address that is not its own"
        return None

    def _form(
        self, wanted: AuthorizationRequest, browser: str, name: str = "", fault: str = "", status: int = 200
    ) -> Response:
        people = self._people.everyone()
        answer = self._pages.answer(
            "local_sign_in.html", status, action=AUTHORIZE_PATH, wanted=_fields(wanted), fault=fault, name=name,
            people=people if len(people) <= _MOST_LISTED else [], anybody=bool(people),
            seal=self._seal(wanted, browser),
        )  # fmt: skip
        answer.set_cookie(
            _COOKIE, browser, path=AUTHORIZE_PATH, httponly=True, samesite="lax", secure=self._secure
        )  # fmt: skip
        return answer

    def _is_sealed(self, form: Mapping[str, str], wanted: AuthorizationRequest, browser: str) -> bool:
        return hmac.compare_digest(form.get("seal", "").encode(), self._seal(wanted, browser).encode())

    def _seal(self, wanted: AuthorizationRequest, browser: str) -> str:
        parts = (browser, *(f"{name}={value}" for name, value in sorted(_fields(wanted).items())))
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def _back(self, asked: Mapping[str, str], answer: dict[str, str]) -> Response:
        # `iss` says who answers (RFC 9207), so that the answer of another issuer is not taken for ours.
        query = urlencode({**answer, "state": asked.get("state", ""), "iss": self._issuer})
        return RedirectResponse(f"{self._redirect_uri}?{query}", 303, {"Cache-Control": "no-store"})

    def _refused(self, text: str) -> Response:
        return self._pages.answer(
            "message.html", 400, heading="You cannot sign in from here", texts=[text],
            link=("/dashboard", "Begin again"),
        )  # fmt: skip


def _wanted(asked: Mapping[str, str]) -> AuthorizationRequest | str:
    """The request, or what is wrong with it."""
    if asked.get("response_type") != "code":
        return "The response_type is code"
    if "openid" not in asked.get("scope", "").split():
        return "The scope holds openid"
    if asked.get("code_challenge_method") != METHOD or not is_challenge(asked.get("code_challenge", "")):
        return "A code_challenge by S256 is needed"
    if not asked.get("state"):
        return "A state is needed"
    return AuthorizationRequest(
        asked["client_id"], asked["redirect_uri"], asked["code_challenge"], asked["state"], asked.get("nonce")
    )


def _fields(wanted: AuthorizationRequest) -> dict[str, str]:
    fields = {
        "response_type": "code", "scope": "openid", "client_id": wanted.client, "redirect_uri": wanted.redirect_uri,
        "code_challenge": wanted.challenge, "code_challenge_method": METHOD, "state": wanted.state,
    }  # fmt: skip
    return fields | ({"nonce": wanted.nonce} if wanted.nonce else {})
