"""`/.well-known/openid-configuration` of the local issuer (https://openid.net/specs/openid-connect-discovery-1_0.html)."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tandem.identity.authorization_endpoint import AUTHORIZE_PATH
from tandem.identity.pkce import METHOD

OPENID_PATH: Final = "/.well-known/openid-configuration"


def openid_document(issuer: str, public_url: str, token_path: str, jwks_path: str, algorithm: str) -> dict[str, Any]:
    """The document of an issuer whose addresses are below `public_url`."""
    base = public_url.rstrip("/")
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}{AUTHORIZE_PATH}",
        "token_endpoint": f"{base}{token_path}",
        "jwks_uri": f"{base}{jwks_path}",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "code_challenge_methods_supported": [METHOD],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "scopes_supported": ["openid", "profile"],
        "claims_supported": ["sub", "name", "organisation", "fhirUser", "role", "purpose"],
        "authorization_response_iss_parameter_supported": True,
    }


def openid_route(document: dict[str, Any]) -> Route:
    """The address of the document."""

    async def configuration(request: Request) -> Response:
        return JSONResponse(document, headers={"Cache-Control": "max-age=300"})

    return Route(OPENID_PATH, configuration, methods=["GET"])
