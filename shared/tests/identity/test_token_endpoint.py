from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette

from tandem.identity.issuer import LocalIssuer
from tandem.identity.signing import SigningKey, _thumbprint
from tandem.identity.token_endpoint import TokenEndpoint
from tandem.identity.tokens import TokenVerifier

URL, NOW = "http://127.0.0.1:8000", 1_750_000_000.0
TOKEN_URL = f"{URL}/oauth2/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EC = ec.generate_private_key(ec.SECP384R1())
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = SigningKey(_EC, "ES384", _thumbprint(_EC))
RSA_KEY = SigningKey(_RSA, "RS384", _thumbprint(_RSA))


class System:
    """A registered supplier system, and the issuer it turns to."""

    def __init__(self, directory: Path) -> None:
        registry = {
            "supplier-1": {"organisation": "A81001", "scopes": "system/*.rs system/Task.cruds",
                           "jwks": {"keys": [KEY.public_jwk(), RSA_KEY.public_jwk()]}},
            "supplier-2": {"organisation": "A81002", "scopes": "system/*.rs", "jwks": {"keys": []}},
        }  # fmt: skip
        (directory / "clients.json").write_text(json.dumps(registry))
        self.directory = directory
        self.issuer = LocalIssuer(directory, URL, f"{URL}/fhir", now=lambda: NOW)
        self.client = self.started()
        self._count = 0

    def started(self) -> httpx.AsyncClient:
        endpoint = TokenEndpoint(self.issuer, self.directory, URL, now=lambda: NOW)
        app = Starlette(routes=endpoint.routes())
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL)

    def assertion(self, key: SigningKey = KEY, algorithm: str | None = None, **changes: Any) -> str:
        self._count += 1
        claims = {"iss": "supplier-1", "sub": "supplier-1", "aud": TOKEN_URL, "exp": NOW + 240,
                  "jti": f"assertion-{self._count}", **changes}  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, key.private, algorithm=algorithm or key.algorithm, headers={"kid": key.kid})

    async def ask(self, assertion: str, **changes: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion, "scope": "system/*.rs", **changes}  # fmt: skip
        return await self.client.post("/oauth2/token", data=form)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    made = System(tmp_path)
    yield made
    await made.client.aclose()


@pytest.mark.parametrize(("key", "algorithm"), [(KEY, "ES384"), (RSA_KEY, "RS384")])
async def test_a_signed_assertion_gets_a_token(system: System, key: SigningKey, algorithm: str) -> None:
    answer = await system.ask(system.assertion(key, algorithm))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 300, "system/*.rs system/Task.rs")
    checked = TokenVerifier(URL, f"{URL}/fhir", system.issuer.keys, services=True, now=lambda: NOW)
    caller = await checked.verify(f"Bearer {body['access_token']}")
    assert (caller.organisation, caller.client) == ("A81001", "supplier-1")
    assert caller.may("Task", "r")
    assert not caller.may("Task", "c")
    assert not caller.operator
    assert caller.service is None


async def test_scopes_are_cut_to_what_the_client_may_have(system: System) -> None:
    answer = await system.ask(system.assertion(), scope="system/*.cruds launch")
    assert answer.json()["scope"] == "system/*.rs system/Task.cruds"
    answer = await system.ask(system.assertion(), scope="system/Patient.d")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("changes", [
    {"aud": "http://elsewhere.example/oauth2/token"}, {"aud": None}, {"aud": [TOKEN_URL, "x"]}, {"sub": "supplier-2"},
    {"iss": "supplier-2", "sub": "supplier-2"}, {"iss": "unknown", "sub": "unknown"}, {"iss": None},
    {"exp": NOW + 400}, {"exp": NOW - 60}, {"exp": None}, {"nbf": NOW + 60}, {"jti": None}, {"jti": ""},
])  # fmt: skip
async def test_an_assertion_that_does_not_fit_is_refused(system: System, changes: dict[str, Any]) -> None:
    answer = await system.ask(system.assertion(**changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "access_token" not in answer.json()


async def test_only_strong_signatures_of_the_registered_key_count(system: System) -> None:
    stranger = ec.generate_private_key(ec.SECP384R1())
    claims = {"iss": "supplier-1", "sub": "supplier-1", "aud": TOKEN_URL, "exp": NOW + 60, "jti": "x"}
    forged = [
        jwt.encode(claims, stranger, algorithm="ES384", headers={"kid": KEY.kid}),
        jwt.encode(claims, stranger, algorithm="ES384", headers={"kid": "other"}),
        jwt.encode(claims, None, algorithm="none", headers={"kid": KEY.kid}),
        jwt.encode(claims, _RSA, algorithm="RS256", headers={"kid": RSA_KEY.kid}),
        "x.y.z", "",
    ]  # fmt: skip
    for assertion in forged:
        answer = await system.ask(assertion)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] in ("invalid_client", "invalid_request")


async def test_an_assertion_is_used_once_even_across_a_restart(system: System) -> None:
    assertion = system.assertion()
    assert (await system.ask(assertion)).status_code == 200
    assert (await system.ask(assertion)).status_code == 401
    await system.client.aclose()
    system.client = system.started()
    assert (await system.ask(assertion)).status_code == 401


async def test_a_client_that_is_taken_off_the_list_gets_nothing(system: System) -> None:
    assert (await system.ask(system.assertion())).status_code == 200
    path = system.directory / "clients.json"
    path.write_text("{}")
    os.utime(path, ns=(1, 1))
    assert (await system.ask(system.assertion())).status_code == 401


@pytest.mark.parametrize("changes", [{"grant_type": "password"}, {"client_assertion_type": "x"}])
async def test_other_grants_are_refused(system: System, changes: dict[str, str]) -> None:
    answer = await system.ask(system.assertion(), **changes)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("unsupported_grant_type", "invalid_client")


@pytest.mark.parametrize(("content", "content_type"), [
    (b"{}", "application/json"), (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"), (b"", ""),
    (b"\xff", "application/x-www-form-urlencoded"), (b"a=" + b"b" * 40_000, "application/x-www-form-urlencoded"),
])  # fmt: skip
async def test_what_is_no_form_is_refused(system: System, content: bytes, content_type: str) -> None:
    answer = await system.client.post("/oauth2/token", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_the_addresses_agree(system: System) -> None:
    for path in ("/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"):
        configuration = (await system.client.get(path)).json()
        assert configuration["token_endpoint"] == TOKEN_URL
        assert "ES384" in configuration["token_endpoint_auth_signing_alg_values_supported"]
    keys = (await system.client.get(configuration["jwks_uri"])).json()
    assert keys == system.issuer.jwks()
