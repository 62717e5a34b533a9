"""Which sign-in the pages of a process have: the local issuer's, that of a provider outside, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tandem.fhir.asgi import Verify
from tandem.identity.authorization_endpoint import CALLBACK_PATH, PAGES_CLIENT
from tandem.identity.caller import Caller
from tandem.identity.issuer import LocalIssuer
from tandem.identity.jwks import KeySource
from tandem.identity.rotated_secret import Secret
from tandem.pages.surroundings import WhoAsks
from tandem.pages.templating import Pages
from tandem.settings import Settings
from tandem.sign_in.ended_sessions import EndedSessions
from tandem.sign_in.first import SIGN_IN
from tandem.sign_in.provider import Provider, ProviderClient
from tandem.sign_in.sign_in import SignIn


def local_sign_in(
    issuer: LocalIssuer, routes: Sequence[BaseRoute], verify: Verify, secret: Secret, public_url: str,
    ended: Callable[[], EndedSessions],
) -> SignIn:  # fmt: skip
    """Sign-in at the local issuer, whose `routes` are asked in this process and not through the network."""
    application = Starlette(routes=list(routes))

    def http() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=application))

    client = ProviderClient(PAGES_CLIENT, f"{public_url.rstrip('/')}{CALLBACK_PATH}")
    provider = Provider(public_url, issuer.name, issuer.keys, client, http=http)
    return SignIn(provider, verify, secret, public_url, ended)


def outside_sign_in(
    settings: Settings, keys: KeySource, verify: Verify, secret: Secret, ended: Callable[[], EndedSessions]
) -> SignIn | None:
    """Sign-in at the issuer whose tokens the API accepts; None when we are not registered there as a client."""
    if not settings.oidc_client_id:
        return None
    redirect_uri = f"{settings.public_url.rstrip('/')}{CALLBACK_PATH}"
    client = ProviderClient(settings.oidc_client_id, redirect_uri, settings.oidc_client_secret)
    provider = Provider(settings.oidc_url or settings.issuer, settings.issuer, keys, client)
    return SignIn(provider, verify, secret, settings.public_url, ended)


def by_token_alone(verify: Verify) -> WhoAsks:
    """Who asks where nobody signs in: a service behind the gateway, or a gateway without a sign-in."""

    async def caller(request: Request) -> Caller | None:
        authorization = request.headers.get("authorization")
        return None if authorization is None else await verify(authorization)

    return caller


def no_sign_in_route() -> Route:
    """Says that nobody can sign in here, and which setting changes that."""
    pages = Pages("tandem.pages")

    async def answer(request: Request) -> Response:
        return pages.answer(
            "message.html", 503, heading="Nobody can sign in here",
            texts=["This installation has no sign-in: TANDEM_OIDC_CLIENT_ID is not set."], link=None,
        )  # fmt: skip

    return Route(SIGN_IN, answer, methods=["GET"])
