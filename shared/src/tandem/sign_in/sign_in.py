"""`/sign-in`, `/sign-in/callback` and `/sign-out`: the browser's way to a session and out of it.

State, nonce and verifier of a sign-in under way are in a sealed cookie of this browser, good for ten minutes, so that
the answer to one browser's sign-in is of no use in another (RFC 6749 10.12, OpenID Connect Core 15.5.2).
"""

from __future__ import annotations

import hmac
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tandem.fhir.asgi import Verify
from tandem.fhir.outcome import FhirError
from tandem.identity.authorization_endpoint import CALLBACK_PATH
from tandem.identity.caller import Caller
from tandem.identity.forms import read_form
from tandem.identity.pkce import new_verifier
from tandem.identity.rotated_secret import Secret, accepted, signing
from tandem.pages.templating import Pages
from tandem.sign_in.ended_sessions import EndedSessions
from tandem.sign_in.first import SIGN_IN
from tandem.sign_in.provider import Provider, ProviderFailed
from tandem.sign_in.return_address import own_page
from tandem.sign_in.sealed_cookies import CookieSeal
from tandem.sign_in.session import SESSION_TTL, Session

SIGN_OUT: Final = "/sign-out"
_ATTEMPT_TTL = 600
_log = logging.getLogger(__name__)


class SignIn:
    """The addresses, and who a request comes from. `verify` checks access tokens as the API does; `ended` gives the
    sessions that were ended, once the process runs."""

    def __init__(
        self, provider: Provider, verify: Verify, secret: Secret, public_url: str, ended: Callable[[], EndedSessions],
        *, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._provider, self._verify, self._secret, self._now = provider, verify, secret, now
        self._ended = ended
        self._secure = public_url.startswith("https://")
        # A browser gives a cookie of this prefix to nobody but the host that set it, over TLS.
        prefix = "__Host-" if self._secure else ""
        self._session_cookie, self._attempt_cookie = f"{prefix}tandem-session", f"{prefix}tandem-sign-in"
        self._sessions, self._attempts = CookieSeal(secret, "session"), CookieSeal(secret, "sign-in")
        self._pages = Pages("tandem.pages")

    def routes(self) -> list[Route]:
        """The routes, to be mounted at the root."""
        return [
            Route(SIGN_IN, self.begin, methods=["GET"]),
            Route(CALLBACK_PATH, self.callback, methods=["GET"]),
            Route(SIGN_OUT, self.ask_sign_out, methods=["GET"]),
            Route(SIGN_OUT, self.sign_out, methods=["POST"]),
        ]

    async def caller(self, request: Request) -> Caller | None:
        """Who asks: by bearer token, else by session; None for nobody.

        Raises FhirError for a token that is none, and 503 when nobody can say whether the session was ended.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return await self._verify(authorization)
        session = await self.session(request)
        return session.caller() if session is not None else None

    async def session(self, request: Request) -> Session | None:
        """The session of the browser, unless it is over or was ended."""
        held = self._sessions.unseal(request.cookies.get(self._session_cookie, ""), self._now())
        if held is None or await self._ended().holds(held["id"]):
            return None
        return Session(**held)

    async def begin(self, request: Request) -> Response:
        """`GET /sign-in?return=/dashboard/...`: on to the provider."""
        attempt = {
            "state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": new_verifier(),
            "return": own_page(request.query_params.get("return")),
        }  # fmt: skip
        try:
            address = await self._provider.sign_in_address(attempt["state"], attempt["nonce"], attempt["verifier"])
        except ProviderFailed as failed:
            return self._failed(str(failed), 503)
        answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        until = self._now() + _ATTEMPT_TTL
        self._set(answer, self._attempt_cookie, self._attempts.seal(attempt, until), _ATTEMPT_TTL)
        return answer

    async def callback(self, request: Request) -> Response:
        """`GET /sign-in/callback?code=&state=`: the provider's answer becomes a session."""
        attempt = self._attempts.unseal(request.cookies.get(self._attempt_cookie, ""), self._now())
        asked = request.query_params
        if attempt is None or not hmac.compare_digest(asked.get("state", "").encode(), attempt["state"].encode()):
            return self._failed("This sign-in was not begun in this browser, or more than ten minutes ago", 400)
        if asked.get("iss") not in (None, self._provider.issuer):
            return self._failed("The answer is another sign-in service's", 400)
        if "code" not in asked:
            return self._failed("The sign-in service says that you did not sign in", 400)
        try:
            session = await self._redeemed(asked["code"], attempt)
        except (ProviderFailed, FhirError) as failed:
            _log.warning("a sign-in was refused: %s", failed)
            return self._failed(str(failed), 400)
        answer = RedirectResponse(attempt["return"], 303, {"Cache-Control": "no-store"})
        self._set(answer, self._session_cookie, self._sessions.seal(session.held(), session.until), SESSION_TTL)
        self._forget(answer, self._attempt_cookie)
        return answer

    async def ask_sign_out(self, request: Request) -> Response:
        """`GET /sign-out`: asks, because a link must not change anything."""
        try:
            session = await self.session(request)
        except FhirError as unavailable:
            return self._still_signed_in(unavailable)
        if session is None:
            return self._signed_out()
        return self._pages.answer("sign_out.html", session=session, proof=session.proof(signing(self._secret)))

    async def sign_out(self, request: Request) -> Response:
        """`POST /sign-out`: the session is ended, here and in the browser, if the form is one that we gave it."""
        form = await read_form(request) or {}
        try:
            session = await self.session(request)
            if session is None:
                return self._signed_out()
            proof = form.get("proof", "").encode()
            if not accepted(self._secret, lambda each: hmac.compare_digest(proof, session.proof(each).encode())):
                return self._not_signed_out("The form was not the one that this page gave.", 403)
            await self._ended().end(session.id, session.until, self._now())
        except FhirError as unavailable:
            return self._still_signed_in(unavailable)
        answer = self._signed_out()
        self._forget(answer, self._session_cookie)
        return answer

    def _still_signed_in(self, unavailable: FhirError) -> Response:
        answer = self._not_signed_out("The session cannot be ended just now. Try again.", unavailable.kind.status)
        answer.headers.update(unavailable.headers)
        return answer

    def _not_signed_out(self, text: str, status: int) -> Response:
        return self._pages.answer(
            "message.html", status, heading="You are still signed in", texts=[text], link=(SIGN_OUT, "Sign out")
        )

    async def _redeemed(self, code: str, attempt: dict[str, Any]) -> Session:
        tokens = await self._provider.redeem(code, attempt["verifier"], attempt["nonce"])
        caller = await self._verify(f"Bearer {tokens.access_token}")
        if caller.service is not None:
            raise ProviderFailed("A service cannot sign in to the pages")
        name = tokens.identity.get("name") or caller.user or caller.client or caller.organisation
        return Session.of(secrets.token_urlsafe(16), str(name), caller, self._now() + SESSION_TTL)

    def _failed(self, text: str, status: int) -> Response:
        return self._pages.answer(
            "message.html", status, heading="You are not signed in", texts=[text], link=(SIGN_IN, "Sign in")
        )

    def _signed_out(self) -> Response:
        return self._pages.answer(
            "message.html", heading="You are signed out", texts=["Close the browser on a shared computer."],
            link=(SIGN_IN, "Sign in again"),
        )  # fmt: skip

    def _set(self, answer: Response, name: str, value: str, seconds: int) -> None:
        answer.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._secure)

    def _forget(self, answer: Response, name: str) -> None:
        answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=self._secure)

