"""A gateway over all five services in one process: plain declarations, SQLite files, the real kernel."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine

from tandem.clock import SystemClock
from tandem.database.connection import Database, open_database
from tandem.database.tables import declare_kernel_tables
from tandem.events.embedded import EmbeddedTransport
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.validation import validator
from tandem.gateway.backends import Backend, InProcessBackend
from tandem.gateway.loaded_sources import declare_loaded_source
from tandem.gateway.runtime import GatewayRuntime
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.ids import RandomIds
from tandem.runtime.log_reading import LogReader
from tandem.runtime.lookup import BackendLookup
from tandem.runtime.service_runtime import ServiceRuntime, Surroundings
from tandem.service import Follower, ResourceType, Service

BASE = "http://tandem.test/fhir"
OPERATOR = Caller("X26", scopes={"*": ALL_LETTERS}, operator=True)
PRACTICE = Caller("A81001", scopes={"*": ALL_LETTERS})


checker = cache(validator)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the kernel's tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "kernel.sqlite"
    metadata = MetaData()
    declare_kernel_tables(metadata)
    declare_loaded_source(metadata)
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


def plain_service(name: str, followers: tuple[Follower, ...]) -> Service:
    """A service with its types and no rules; cohort-service has the followers."""
    own = followers if name == "cohort-service" else ()
    return Service(name, tuple(ResourceType(kind) for kind in OWNED_TYPES[name]), MetaData(), "", followers=own)


class PlainSystem:
    """The services and the gateway; `ask` goes through the gateway."""

    def __init__(self, folder: Path, empty: Path, followers: tuple[Follower, ...]) -> None:
        self._followers = followers
        self._folder = folder
        self._empty = empty
        self.services: dict[str, ServiceRuntime] = {}
        self.backends: dict[str, Backend] = {}
        self.gateway: GatewayRuntime
        self.databases: list[Database] = []

    async def start(self) -> None:
        ids, transport = RandomIds(), EmbeddedTransport()
        surroundings = Surroundings(SystemClock(), ids, checker(), BASE, b"secret", 20 * 1024**2, 1024**2)
        for name in OWNED_TYPES:
            database = await self._database(name)
            service = plain_service(name, self._followers)
            logs = LogReader(self.backends, name, ids)
            lookup = None if name == "cohort-service" else BackendLookup(self.backends, name, ids)
            self.services[name] = ServiceRuntime(service, database, transport, surroundings, logs, lookup=lookup)
            self.backends[name] = InProcessBackend(self.services[name].routes)
        declared = [runtime.service for runtime in self.services.values()]
        self.gateway = GatewayRuntime(await self._database("gateway"), self.backends, surroundings, declared)

    async def follow_events(self) -> None:
        """Let the services take each other's events in the background."""
        for runtime in self.services.values():
            await runtime.begin_consuming()
        for runtime in self.services.values():
            await runtime.consumer.level.wait()
        for runtime in self.services.values():
            runtime.begin_relaying()

    async def stop(self) -> None:
        await self.gateway.stop()
        for runtime in self.services.values():
            await runtime.stop()
        for database in self.databases:
            await database.close()

    async def ask(
        self, method: str, path: str, body: Any = None, *, query: str = "", caller: Caller = OPERATOR,
        headers: dict[str, str] | None = None,
    ) -> FhirResponse:  # fmt: skip
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        asked = FhirRequest(method, path, query, dict(headers or {}), raw, BASE, "request", "correlation", caller)
        return await self.gateway.routes.answer(asked)

    async def follow(self, link: str, caller: Caller = OPERATOR) -> FhirResponse:
        """GET a link that was given out."""
        assert link.startswith(BASE)
        path, _, query = link.removeprefix(BASE).lstrip("/").partition("?")
        return await self.ask("GET", path, query=query, caller=caller)

    async def ingest(
        self, body: Any, *, caller: Caller = OPERATOR, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Send to `$ingest`, run the job here and now, and answer its result."""
        accepted = await self.ask("POST", "$ingest", body, caller=caller, headers=headers)
        assert accepted.status == 202, accepted.body
        while await self.gateway.jobs.run_one():
            pass
        done = await self.follow(accepted.headers["Content-Location"], caller)
        assert done.status == 200, done.body
        result: dict[str, Any] = json.loads(done.body)
        return result

    async def _database(self, name: str) -> Database:
        shutil.copy(self._empty, self._folder / f"{name}.sqlite")
        database = await open_database(f"sqlite:///{self._folder}/{name}.sqlite")
        self.databases.append(database)
        return database


FreshSystem = Callable[..., AbstractAsyncContextManager[PlainSystem]]


@pytest.fixture
def fresh_system(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> FreshSystem:
    """Makes systems without their loops: what is asked is done, and nothing happens in the background. What is given
    are followers of cohort-service."""

    @asynccontextmanager
    async def make(*followers: Follower) -> AsyncIterator[PlainSystem]:
        plain = PlainSystem(tmp_path_factory.mktemp("system"), empty_database, followers)
        await plain.start()
        try:
            yield plain
        finally:
            await plain.stop()

    return make


@pytest.fixture
async def system(fresh_system: FreshSystem) -> AsyncIterator[PlainSystem]:
    """One such system."""
    async with fresh_system() as plain:
        yield plain


@pytest.fixture
def operator() -> Caller:
    return OPERATOR


@pytest.fixture
def practice() -> Caller:
    return PRACTICE


@pytest.fixture
def other_practice() -> Caller:
    return replace(PRACTICE, organisation="A81002")
