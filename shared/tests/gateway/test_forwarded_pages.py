"""Pages behind the gateway: an address arrives as it was asked for, and none arrives but those of the pages."""

from __future__ import annotations

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request

from tandem.gateway.pages import ForwardedPages, SessionTokens
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.identity.signing import SigningKey


async def somebody(request: Request) -> Caller:
    return Caller("A81001", scopes={"*": ALL_LETTERS}, token="theirs")


async def forwarded(path: str) -> tuple[httpx.Response, list[str]]:
    """The answer, and the addresses that the service was asked for; it cannot answer just now."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(503, headers={"Retry-After": "2", "Server": "x"})

    key = SigningKey(ec.generate_private_key(ec.SECP384R1()), "ES384", "key-1")
    tokens = SessionTokens(lambda: key, "audience")
    pages = ForwardedPages("http://metrics:8000", somebody, tokens, transport=httpx.MockTransport(answer))
    gateway = httpx.ASGITransport(Starlette(routes=list(pages.routes())))
    async with httpx.AsyncClient(transport=gateway, base_url="http://gateway") as client:
        found = await client.get(path)
    await pages.close()
    return found, asked


@pytest.mark.parametrize(
    "path", ["/dashboard/%2e%2e/metrics", "/dashboard/%2e%2e/fhir/$events", "/dashboard/homes/%2e/x", "/dashboard/.%2e"]
)
async def test_no_address_leaves_the_pages(path: str) -> None:
    answer, asked = await forwarded(path)
    assert (answer.status_code, asked) == (404, [])


@pytest.mark.parametrize(
    ("path", "arrives"),
    [
        ("/dashboard", "/dashboard"),
        ("/dashboard/homes/https%3A%2F%2Fhomes.example%7C17/figures.csv?as-of=2020-06-30",
         "/dashboard/homes/https%3A//homes.example%7C17/figures.csv?as-of=2020-06-30"),
        ("/dashboard/homes/50%25%3Fx%23y", "/dashboard/homes/50%25%3Fx%23y"),
    ],
)  # fmt: skip
async def test_an_address_arrives_as_it_was_asked_for(path: str, arrives: str) -> None:
    answer, [asked] = await forwarded(path)
    assert asked.rstrip("?") == f"http://metrics:8000{arrives}"
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "server" not in answer.headers
