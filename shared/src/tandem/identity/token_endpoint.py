"""The local issuer's addresses: token endpoint, public keys and SMART configuration.

Source: https://hl7.org/fhir/smart-app-launch/STU2.1/backend-services.html and conformance.html. Errors are those of
OAuth (RFC 6749 section 5.2), because that is what an OAuth library reads; these addresses are no part of FHIR.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tandem.identity.clients import (
    ASSERTION_ALGORITHMS,
    CLIENTS_FILE,
    AssertionRefused,
    ClientRegistry,
    Replays,
    authenticate,
)  # fmt: skip
from tandem.identity.issuer import LocalIssuer
from tandem.identity.scopes import narrowed, parse_scopes, render_scopes

TOKEN_PATH = "/oauth2/token"  # noqa: S105 (an address)
JWKS_PATH = "/.well-known/jwks.json"
CONFIGURATION_PATH = "/.well-known/smart-configuration"
ACCESS_TTL = 300
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LARGEST = 32_768
_UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenEndpoint:
    """Client credentials with a signed assertion, for the clients registered in `directory`/clients.json."""

    def __init__(
        self, issuer: LocalIssuer, directory: Path, public_url: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._issuer, self._now = issuer, now
        self._base = public_url.rstrip("/")
        self._registry = ClientRegistry(directory / CLIENTS_FILE)
        self._replays = Replays(directory / "used-assertions.txt", now=now)

    def routes(self) -> list[Route]:
        """The routes, to be mounted at the root; the configuration also stands below the FHIR base, as SMART asks."""
        return [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(JWKS_PATH, self.jwks, methods=["GET"]),
            Route(CONFIGURATION_PATH, self.configuration, methods=["GET"]),
            Route(f"/fhir{CONFIGURATION_PATH}", self.configuration, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """`POST /oauth2/token`: grant_type, scope, client_assertion_type and client_assertion as a form."""
        form = await _form(request)
        if form is None:
            return _refused("invalid_request", "The request is a form of at most 32 KiB, each field once")
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "The grant_type is client_credentials")
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


async def _form(request: Request) -> dict[str, str] | None:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > _LARGEST:
            return None
    try:
        fields = parse_qs(raw.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError:
        return None
    if content_type != "application/x-www-form-urlencoded" or any(len(values) != 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}


def _refused(error: str, text: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": text}, status_code=status, headers=_UNCACHED)
