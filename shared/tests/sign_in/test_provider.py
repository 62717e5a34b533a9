"""A provider outside, as the gateway meets it: what its answers must hold before anybody is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tandem.fhir.outcome import FhirError
from tandem.identity.issuer import LocalIssuer
from tandem.identity.pkce import challenge_of
from tandem.sign_in.provider import Provider, ProviderClient, ProviderFailed

ISSUER, NOW = "https://issuer.example/realm", 1_750_000_000.0
CLIENT = ProviderClient("tandem", "https://tandem.example/sign-in/callback", "a secret/with signs")


@dataclass
class Outside:
    """A provider whose answers a test may spoil: `document` is its discovery, `claims` go into the ID token."""

    directory: Path
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    body: bytes | None = None
    asked: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuer = LocalIssuer(self.directory, ISSUER, "https://tandem.example/fhir", now=lambda: NOW)
        self.access = self.issuer.mint("A81001", user="Practitioner/7", scope="user/*.rs")

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            addresses = {"authorization_endpoint": f"{ISSUER}/auth?kc=1", "token_endpoint": f"{ISSUER}/token"}
            return httpx.Response(200, json={"issuer": ISSUER, **addresses, **self.document})
        if self.body is not None or self.status != 200:
            return httpx.Response(self.status, content=self.body or b"{}")
        good = {"iss": ISSUER, "aud": "tandem", "sub": "7", "iat": NOW, "exp": NOW + 60, "nonce": "n"}
        identity = self.issuer.signing_key.sign({**good, **self.claims})
        return httpx.Response(200, json={"access_token": self.access, "id_token": identity, "token_type": "Bearer"})

    def provider(self, client: ProviderClient = CLIENT, url: str = ISSUER) -> Provider:
        def http() -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

        return Provider(url, ISSUER, self.issuer.keys, client, http=http, now=lambda: NOW)


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path)


async def test_the_browser_is_sent_with_challenge_state_and_nonce(outside: Outside) -> None:
    address = urlsplit(await outside.provider().sign_in_address("s", "n", "v" * 43))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/auth"
    assert asked == {
        "kc": "1", "response_type": "code", "client_id": "tandem", "redirect_uri": CLIENT.redirect_uri,
        "scope": "openid profile user/*.rs", "state": "s", "nonce": "n", "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
    }  # fmt: skip


async def test_a_code_is_redeemed_with_secret_and_verifier(outside: Outside) -> None:
    tokens = await outside.provider().redeem("c", "v" * 43, "n")
    assert tokens.identity["sub"] == "7"
    assert tokens.access_token == outside.access
    sent = outside.asked[-1]
    assert sent.headers["authorization"].startswith("Basic ")
    assert parse_qs(sent.content.decode())["code_verifier"] == ["v" * 43]


async def test_a_provider_of_the_same_installation_is_reached_by_its_own_address(outside: Outside) -> None:
    provider = outside.provider(url="http://issuer:8000")
    assert (await provider.sign_in_address("s", "n", "v" * 43)).startswith(f"{ISSUER}/auth?")
    await provider.redeem("c", "v" * 43, "n")
    assert [str(request.url) for request in outside.asked] == [
        "http://issuer:8000/.well-known/openid-configuration", "http://issuer:8000/token",
    ]  # fmt: skip


async def test_a_token_endpoint_of_another_host_is_asked_where_it_is(outside: Outside) -> None:
    outside.document = {"token_endpoint": "https://tokens.example/token"}
    await outside.provider(url="http://issuer:8000").redeem("c", "v" * 43, "n")
    assert str(outside.asked[-1].url) == "https://tokens.example/token"


async def test_a_public_client_sends_no_secret(outside: Outside) -> None:
    await outside.provider(ProviderClient("tandem", CLIENT.redirect_uri)).redeem("c", "v" * 43, "n")
    assert "authorization" not in outside.asked[-1].headers


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody"}, {"aud": ["tandem", "somebody"]}, {"aud": ["tandem", "somebody"], "azp": "somebody"},
        {"nonce": "another"}, {"nonce": None}, {"at_hash": "of-another-token"},
    ],
)  # fmt: skip
async def test_an_id_token_that_is_not_of_this_sign_in(outside: Outside, claims: dict[str, Any]) -> None:
    outside.claims = claims
    with pytest.raises(ProviderFailed):
        await outside.provider().redeem("c", "v" * 43, "n")


@pytest.mark.parametrize(
    "claims", [{"exp": NOW - 60}, {"exp": None}, {"iss": "https://elsewhere.example"}, {"iat": NOW + 600}]
)
async def test_an_id_token_that_does_not_hold(outside: Outside, claims: dict[str, Any]) -> None:
    outside.claims = claims
    with pytest.raises(FhirError):
        await outside.provider().redeem("c", "v" * 43, "n")


async def test_an_id_token_for_two_with_us_as_its_party_holds(outside: Outside) -> None:
    outside.claims = {"aud": ["tandem", "somebody"], "azp": "tandem"}
    assert (await outside.provider().redeem("c", "v" * 43, "n")).identity["sub"] == "7"


async def test_an_id_token_signed_by_another_does_not_hold(outside: Outside, tmp_path: Path) -> None:
    known = outside.provider()
    outside.issuer = LocalIssuer(tmp_path / "other", ISSUER, "https://tandem.example/fhir", now=lambda: NOW)
    with pytest.raises(FhirError, match="not known"):
        await known.redeem("c", "v" * 43, "n")


@pytest.mark.parametrize("document", [{"issuer": "https://elsewhere.example"}, {"token_endpoint": None}])
async def test_a_provider_that_is_not_the_one_trusted(outside: Outside, document: dict[str, Any]) -> None:
    outside.document = document
    with pytest.raises(ProviderFailed):
        await outside.provider().sign_in_address("s", "n", "v" * 43)


@pytest.mark.parametrize(("status", "body"), [(400, b"{}"), (200, b"not json"), (200, b"[]"), (200, b"{}")])
async def test_an_answer_without_tokens(outside: Outside, status: int, body: bytes) -> None:
    outside.status, outside.body = status, body
    with pytest.raises(ProviderFailed):
        await outside.provider().redeem("c", "v" * 43, "n")


async def test_a_provider_that_cannot_be_reached(outside: Outside) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone", request=request)

    outside.answer = gone  # type: ignore[method-assign]
    with pytest.raises(ProviderFailed, match="cannot be reached"):
        await outside.provider().sign_in_address("s", "n", "v" * 43)
