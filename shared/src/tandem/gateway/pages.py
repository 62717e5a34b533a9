"""Pages of a service behind the gateway, which knows who signed in and asks the service in that person's name."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.identity.caller import Caller
from tandem.identity.scopes import render_scopes
from tandem.identity.service_tokens import SERVICE_ISSUER
from tandem.identity.signing import SigningKey
from tandem.pages.surroundings import WhoAsks
from tandem.sign_in.first import sign_in_first

PAGES: Final = "/dashboard"
_TOKEN_TTL = 60
_KEPT_HEADERS = (
    "cache-control", "content-disposition", "content-security-policy", "content-type", "cross-origin-opener-policy",
    "location", "referrer-policy", "retry-after", "x-content-type-options", "x-frame-options",
)  # fmt: skip


class SessionTokens:
    """Tokens for one request of somebody who signed in, good for a minute, which only our own services accept.

    They say what the person's own token said, and nothing that makes anybody a service or an operator.
    """

    def __init__(self, key: Callable[[], SigningKey], audience: str, *, now: Callable[[], float] = time.time) -> None:
        self._key, self._audience, self._now = key, audience, now

    def token(self, caller: Caller) -> str:
        """A bearer token, without the word Bearer."""
        issued = int(self._now())
        named = {"client_id": caller.client, "fhirUser": caller.user, "role": caller.role, "purpose": caller.purpose}
        return self._key().sign({
            "iss": SERVICE_ISSUER, "aud": self._audience, "sub": caller.user or caller.organisation, "iat": issued,
            "exp": issued + _TOKEN_TTL, "jti": str(uuid.uuid4()), "scope": render_scopes(caller.scopes),
            "organisation": caller.organisation, **{name: value for name, value in named.items() if value},
        })  # fmt: skip


class ForwardedPages:
    """Hands `/dashboard` on to the service at `url`, by GET, and its answer back."""

    def __init__(
        self, url: str, who_asks: WhoAsks, tokens: SessionTokens, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url, self._who_asks, self._tokens = url.rstrip("/"), who_asks, tokens
        patience = httpx.Timeout(60, connect=5)
        self._client = httpx.AsyncClient(timeout=patience, follow_redirects=False, transport=transport)

    def routes(self) -> list[Route]:
        """The routes, to be mounted at the root."""
        return [
            Route(PAGES, self.forward, methods=["GET"]),
            Route(f"{PAGES}/{{rest:path}}", self.forward, methods=["GET"]),
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def forward(self, request: Request) -> Response:
        """The service's answer, for whoever is signed in."""
        try:
            caller = await self._who_asks(request)
            if caller is None:
                return sign_in_first(request)
            return await self._answer(request, caller)
        except FhirError as error:
            return Response(encode(outcome_of(error)), error.kind.status, error.headers, JSON)

    async def _answer(self, request: Request, caller: Caller) -> Response:
        headers = {
            "authorization": f"Bearer {caller.token or self._tokens.token(caller)}",
            "accept": request.headers.get("accept", "*/*"),
        }  # fmt: skip
        path: str = request.scope["path"]
        if not {".", ".."}.isdisjoint(path.split("/")):
            # httpx would leave /dashboard by it.
            raise FhirError(Kind.NOT_FOUND, "There is no such page")
        url = httpx.URL(f"{self._url}{quote(path)}", query=request.url.query.encode())
        try:
            answer = await self._client.get(url, headers=headers)
        except httpx.TransportError as error:
            raise FhirError(Kind.UNAVAILABLE, headers={"Retry-After": "2"}) from error
        kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        return Response(answer.content, answer.status_code, kept)
