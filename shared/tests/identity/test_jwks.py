from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.jwks import RemoteKeys, read_keys
from tandem.identity.signing import SigningKey, _thumbprint

FIRST, SECOND = (
    SigningKey(key, "ES256", _thumbprint(key)) for key in (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
)


class Issuer:
    """An issuer's address: answers with its keys, or not at all."""

    def __init__(self) -> None:
        self.keys = [FIRST]
        self.asked = 0
        self.answer: int | Exception = 200
        self.at = 1000.0

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        document = {"keys": [key.public_jwk() for key in self.keys]}
        return httpx.Response(self.answer, json=document, headers={"Location": "https://elsewhere.example"})

    def source(self, **options: Any) -> RemoteKeys:
        transport = httpx.MockTransport(self.respond)
        return RemoteKeys("https://issuer.example/jwks", client=lambda: httpx.AsyncClient(transport=transport),
                          now=lambda: self.at, **options)  # fmt: skip


async def test_keys_are_kept_until_they_are_old() -> None:
    issuer = Issuer()
    source = issuer.source(max_age=600)
    for _ in range(3):
        assert await source.key(FIRST.kid)
    assert issuer.asked == 1
    issuer.at += 601
    assert await source.key(FIRST.kid)
    assert issuer.asked == 2


async def test_an_unknown_key_is_asked_for_but_not_in_a_flood() -> None:
    issuer = Issuer()
    source = issuer.source(pause=10)
    assert await source.key(FIRST.kid)
    issuer.keys = [FIRST, SECOND]
    issuer.at += 11
    assert await source.key(SECOND.kid)
    assert issuer.asked == 2
    for number in range(50):
        assert await source.key(f"invented-{number}") is None
    assert issuer.asked == 2


async def test_requests_at_once_ask_once() -> None:
    issuer = Issuer()
    source = issuer.source()
    found = await asyncio.gather(*(source.key(FIRST.kid) for _ in range(20)))
    assert all(found)
    assert issuer.asked == 1


@pytest.mark.parametrize("answer", [500, 302, 404, httpx.ConnectError("down"), httpx.ReadTimeout("slow")])
async def test_an_issuer_that_does_not_answer_is_a_503(answer: int | Exception) -> None:
    issuer = Issuer()
    issuer.answer = answer
    source = issuer.source(pause=10)
    for _ in range(3):
        with pytest.raises(FhirError) as error:
            await source.key(FIRST.kid)
        assert error.value.kind is Kind.UNAVAILABLE
        assert error.value.headers["Retry-After"] == "5"
    assert issuer.asked == 1
    issuer.answer, issuer.at = 200, issuer.at + 11
    assert await source.key(FIRST.kid)


async def test_known_keys_serve_while_the_issuer_is_away_but_not_for_ever() -> None:
    issuer = Issuer()
    source = issuer.source(max_age=600, max_stale=3600)
    assert await source.key(FIRST.kid)
    issuer.answer = httpx.ConnectError("down")
    issuer.at += 1000
    assert await source.key(FIRST.kid)
    with pytest.raises(FhirError):
        await source.key(SECOND.kid)
    issuer.at += 3700
    with pytest.raises(FhirError):
        await source.key(FIRST.kid)


async def test_a_key_taken_back_is_gone_after_a_refresh() -> None:
    issuer = Issuer()
    source = issuer.source(max_age=600)
    assert await source.key(FIRST.kid)
    issuer.keys, issuer.at = [SECOND], issuer.at + 601
    assert await source.key(FIRST.kid) is None


def test_only_signature_keys_are_read() -> None:
    good = FIRST.public_jwk()
    entries = [
        {**good, "kid": None}, {**good, "kid": "enc", "use": "enc"}, {**good, "kid": "broken", "x": "AA"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}, {"kty": "RSA", "kid": "empty"}, good,
    ]  # fmt: skip
    assert set(read_keys({"keys": entries})) == {FIRST.kid}
    assert read_keys({}) == {}


def test_short_and_foreign_keys_fit_nothing() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    key = read_keys({"keys": [SigningKey(short, "RS256", "short").public_jwk()]})["short"]
    assert not key.fits("RS256")
    curve = read_keys({"keys": [FIRST.public_jwk()]})[FIRST.kid]
    assert curve.fits("ES256")
    assert not curve.fits("ES384")
    assert not curve.fits("RS256")
    assert not curve.fits("HS256")
