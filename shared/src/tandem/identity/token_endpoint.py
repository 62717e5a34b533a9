"""The local issuer's addresses: token endpoint, sign-in page, public keys and configuration.

Source: https://hl7.org/fhir/smart-app-launch/STU2.1/backend-services.html and conformance.html. Errors are those of
OAuth (RFC 6749 section 5.2), because that is what an OAuth library reads; these addresses are no part of FHIR.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tandem.identity.authorization_codes import AuthorizationCodes
from tandem.identity.authorization_endpoint import AuthorizationEndpoint
from tandem.identity.clients import (
    ASSERTION_ALGORITHMS,
    CLIENTS_FILE,
    AssertionRefused,
    ClientRegistry,
    Replays,
    authenticate,
)  # fmt: skip
from tandem.identity.forms import read_form
from tandem.identity.issuer import LocalIssuer
from tandem.identity.openid_configuration import openid_document, openid_route
from tandem.identity.scopes import narrowed, parse_scopes, render_scopes

TOKEN_PATH = "/oauth2/token"  # noqa: S105 (an address)
JWKS_PATH = "/.well-known/jwks.json"
CONFIGURATION_PATH = "/.well-known/smart-configuration"
ACCESS_TTL = 300
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenEndpoint:
    """Tokens for the clients of `directory`/clients.json and the people of `directory`/people.json."""

    def __init__(
        self, issuer: LocalIssuer, directory: Path, public_url: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._issuer, self._now = issuer, now
        self._base = public_url.rstrip("/")
        self._registry = ClientRegistry(directory / CLIENTS_FILE)
        self._replays = Replays(directory / "used-assertions.txt", now=now)
        self._codes = AuthorizationCodes(now=now)
        self._sign_in = AuthorizationEndpoint(directory, public_url, issuer.name, self._codes, now=now)
        self._openid = openid_document(issuer.name, public_url, TOKEN_PATH, JWKS_PATH, issuer.signing_key.algorithm)

    def routes(self) -> list[Route]:
        """The routes, to be mounted at the root; the configuration also stands below the FHIR base, as SMART asks."""
        return [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(JWKS_PATH, self.jwks, methods=["GET"]),
            Route(CONFIGURATION_PATH, self.configuration, methods=["GET"]),
            Route(f"/fhir{CONFIGURATION_PATH}", self.configuration, methods=["GET"]),
            *self._sign_in.routes(),
            openid_route(self._openid),
        ]

    async def token(self, request: Request) -> Response:
        """`POST /oauth2/token`: a form with a client's assertion, or with the code of a person who signed in."""
        form = await read_form(request)
        if form is None:
            return _refused("invalid_request", "The request is a form of at most 32 KiB, each field once")
        if form.get("grant_type") == "authorization_code":
            return self._person(form)
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "The grant_type is client_credentials or authorization_code")
        return await self._system(form)

    def _person(self, form: dict[str, str]) -> Response:
        """Tokens of whoever signed in for this code (RFC 6749 4.1.3); the verifier stands for the client's secret."""
        taken = self._codes.take(
            form.get("code", ""), client=form.get("client_id", ""), redirect_uri=form.get("redirect_uri", ""),
            verifier=form.get("code_verifier", ""),
        )  # fmt: skip
        if taken is None:
            return _refused("invalid_grant", "The code is used, has expired, or was given to somebody else")
        asked, person = taken
        token = self._issuer.mint(
            person.organisation, scope=person.scope, user=person.user, role=person.role, purpose=person.purpose,
            ttl=ACCESS_TTL, client=asked.client, subject=person.name,
        )  # fmt: skip
        identity = self._issuer.identify(
            person.name, asked.client, name=person.display, nonce=asked.nonce, access_token=token, ttl=ACCESS_TTL
        )
        body = {"access_token": token, "token_type": "Bearer", "expires_in": ACCESS_TTL, "scope": person.scope}
        return JSONResponse({**body, "id_token": identity}, headers=_UNCACHED)

    async def _system(self, form: dict[str, str]) -> Response:
        if form.get("client_assertion_type") != _ASSERTION_TYPE or "client_assertion" not in form:
            return _refused("invalid_client", "A client_assertion of type jwt-bearer is needed", 401)
        token_url = f"{self._base}{TOKEN_PATH}"
        try:
            client = await authenticate(
                form["client_assertion"], self._registry, self._replays, token_url, now=self._now()
            )
        except AssertionRefused as refused:
            return _refused("invalid_client", str(refused), 401)
        scope = render_scopes(narrowed(parse_scopes(form.get("scope", ""), person=False), client.scopes))
        if not scope:
            return _refused("invalid_scope", "None of the scopes asked for may be granted to this client")
        token = self._issuer.mint(client.organisation, scope=scope, ttl=ACCESS_TTL, client=client.id)
        body = {"access_token": token, "token_type": "bearer", "expires_in": ACCESS_TTL, "scope": scope}
        return JSONResponse(body, headers=_UNCACHED)

    async def jwks(self, request: Request) -> Response:
        """`GET /.well-known/jwks.json`: the public key of the issuer."""
        return JSONResponse(self._issuer.jwks(), headers={"Cache-Control": "max-age=300"})

    async def configuration(self, request: Request) -> Response:
        """`GET /.well-known/smart-configuration`."""
        return JSONResponse({
            "issuer": self._issuer.name,
            "jwks_uri": f"{self._base}{JWKS_PATH}",
            "token_endpoint": f"{self._base}{TOKEN_PATH}",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
            "scopes_supported": ["system/*.cruds", "system/*.rs", "system/Task.cruds"],
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        })  # fmt: skip


def _refused(error: str, text: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": text}, status_code=status, headers=_UNCACHED)
