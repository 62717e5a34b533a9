"""What a process serves beside FHIR: health, metrics, documentation, the clock; and what it does not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.clock import SettableClock
from tandem.database.connection import open_database
from tandem.runtime.database_state import database_state
from tandem.runtime.embedded import EmbeddedSystem
from tandem.settings import Settings

OPEN = (
    "/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json", "/fhir/metadata", "/sign-out",
    "/.well-known/jwks.json", "/fhir/.well-known/smart-configuration",
)  # fmt: skip
CLOSED = ("/fhir", "/fhir/Patient", "/fhir/Task/1", "/fhir/$events", "/fhir/$ingest", "/fhir/_history")
START = datetime(2020, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[EmbeddedSystem]:
    """All five services in this process."""
    settings = replace(Settings(), public_url="http://tandem.test")
    system = EmbeddedSystem(tmp_path, settings, clock=SettableClock(START))
    async with system.running():
        yield system


@pytest.fixture
async def http(system: EmbeddedSystem) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    transport: Any = httpx.ASGITransport(app=system.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem.test") as client:
        yield client


@pytest.mark.parametrize("path", OPEN)
async def test_what_needs_no_token(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
async def test_what_needs_one(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 401
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_the_dashboard_is_for_those_who_sign_in(http: httpx.AsyncClient) -> None:
    answer = await http.get("/dashboard?as-of=2020-06-30")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?return=%2Fdashboard%3Fas-of%3D2020-06-30"


async def test_stylesheets_are_served_from_here(http: httpx.AsyncClient) -> None:
    page = (await http.get("/sign-out")).text
    addresses = re.findall(r"href=\"(/assets/[^\"]+)\"", page)
    assert len(addresses) == 3
    for address in addresses:
        answer = await http.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert not re.findall(r"url\([\"']?(?!data:)", answer.text)
    assert (await http.get("/assets/nothing.css")).status_code == 404


async def test_what_is_not_there_is_an_outcome_too(http: httpx.AsyncClient) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("DELETE", "/docs", 405)):
        answer = await http.request(method, path)
        assert answer.status_code == status
        assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["/docs", "/sign-out"])
async def test_a_page_asks_nothing_of_another_host(http: httpx.AsyncClient, path: str) -> None:
    page = (await http.get(path)).text
    assert not re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", page)
    assert "<script" not in page


async def test_the_clock_is_moved_forward_by_an_operator_alone(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    async def move(to: str, **token: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {system.issuer.mint('A81001', **token)}"}
        return await http.post("/clock", json={"now": to}, headers=headers)

    assert (await http.post("/clock", json={"now": "2020-07-02T09:00:00Z"})).status_code == 401
    assert (await move("2020-07-02T09:00:00Z")).status_code == 403
    assert (await move("tomorrow", operator=True)).status_code == 400
    assert (await move("2020-06-30T09:00:00Z", operator=True)).status_code == 422
    assert system.clock.now() == START
    assert (await move("2020-07-02T09:00:00+01:00", operator=True)).status_code == 200
    assert system.clock.now() == datetime(2020, 7, 2, 8, tzinfo=UTC)


async def test_a_database_without_tables_is_not_ready(database_url: str) -> None:
    database = await open_database(database_url)
    assert "tandem migrate" in await database_state(database)
    await database.close()
