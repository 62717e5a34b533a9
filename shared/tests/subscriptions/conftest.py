"""mdt-service without its loops, a person with two organisations around her, and an endpoint that is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.clock import SettableClock, to_micros
from tandem.database.connection import Connection, Database, open_database
from tandem.events.sequencer import sequence
from tandem.fhir.kernel import Kernel
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.ids import RandomIds
from tandem.service import ResourceType, Service
from tandem.subscriptions.assembly import subscriptions
from tandem.subscriptions.dispatcher import Dispatcher
from tandem_tests.https_receiver import Receiver, receiving, register
from tandem_tests.kernel_tables import KernelDatabase, make_kernel_tables

BASE = "http://tandem.test/fhir"
START = datetime(2020, 7, 1, 8, tzinfo=UTC)
PRACTICE, PROVIDER, NETWORK = "A81001", "RXP01", "U12345"
PERSON, OTHER_PERSON = "ada", "bea"
EVER = 2**60
CALLERS = {code: Caller(code, {"*": ALL_LETTERS}) for code in (PRACTICE, PROVIDER, NETWORK, "B82002")} | {
    "operator": Caller("RROP", {"*": ALL_LETTERS}, operator=True),
    "service": service_caller("careplan-service"),
    "narrow": Caller(PROVIDER, {"Subscription": ALL_LETTERS, "Task": frozenset("r")}),
}


class ManualTime:
    """Real time in microseconds that a test moves by hand."""

    def __init__(self) -> None:
        self.micros = to_micros(datetime(2026, 1, 1, tzinfo=UTC))

    def __call__(self) -> int:
        return self.micros

    def add(self, seconds: float) -> None:
        self.micros += int(seconds * 1_000_000)


@dataclass
class Bench:
    """The service and its subscriber. `told` runs the loop until nothing is left to be told just now."""

    database: Database
    kernel: Kernel
    routes: Routes
    receiver: Receiver
    hosts: Path
    clock: SettableClock
    make: Callable[..., Dispatcher]
    dispatcher: Dispatcher
    now: ManualTime = field(default_factory=ManualTime)

    async def ask(
        self, method: str, path: str, body: Any = None, *, by: str = PROVIDER, query: str = "", **headers: str
    ) -> FhirResponse:
        """One request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = json.dumps(body).encode() if body is not None else b""
        asked = FhirRequest(method, path, query, named, raw, BASE, "request", "the-correlation", CALLERS[by])
        return await self.routes.answer(asked)

    def subscription(self, criteria: str = f"Task?owner:identifier={PROVIDER}", **changes: Any) -> dict[str, Any]:
        """A Subscription; `changes` are elements, or parts of the channel."""
        channel = {"type": "rest-hook", "endpoint": f"{self.receiver.url}/told", "payload": "application/fhir+json"}
        channel |= {name: changes.pop(name) for name in ("type", "endpoint", "payload", "header") if name in changes}
        channel = {name: value for name, value in channel.items() if value is not None}
        return {
            "resourceType": "Subscription", "status": "requested", "reason": "To be told", "criteria": criteria,
            "channel": channel, **changes,
        }  # fmt: skip

    async def subscribe(self, *args: Any, by: str = PROVIDER, **changes: Any) -> tuple[str, str]:
        """A Subscription that is active: id and secret."""
        made = await self.ask("POST", "Subscription", self.subscription(*args, **changes), by=by)
        assert made.status == 201, made.body
        resource_id = json.loads(made.body)["id"]
        await self.dispatcher.turn()
        assert await self.status(resource_id, by=by) == "active"
        return resource_id, made.headers["Tandem-Subscription-Secret"]

    async def status(self, subscription: str, by: str = PROVIDER) -> str:
        """What the Subscription says of itself."""
        return str((await self.read(f"Subscription/{subscription}", by=by))["status"])

    async def read(self, path: str, by: str = PROVIDER) -> dict[str, Any]:
        """A resource that is there."""
        found = await self.ask("GET", path, by=by)
        assert found.status == 200, found.body
        resource: dict[str, Any] = json.loads(found.body)
        return resource

    async def task(
        self, resource_id: str | None = None, *, owner: str = PROVIDER, person: str | None = PERSON,
        by: str = PRACTICE, **changes: Any,
    ) -> str:  # fmt: skip
        """A Task of the provider, or its next version: its id."""
        body: dict[str, Any] = {
            "resourceType": "Task", "status": "requested", "intent": "order",
            "owner": {"identifier": {"value": owner}}, **changes,
        }  # fmt: skip
        if person is not None:
            body["for"] = {"reference": f"Patient/{person}"}
        path = "Task" if resource_id is None else f"Task/{resource_id}"
        if resource_id is not None:
            body["id"] = resource_id
        made = await self.ask("POST" if resource_id is None else "PUT", path, body, by=by)
        assert made.status in (200, 201), made.body
        return str(json.loads(made.body)["id"])

    async def access(self, organisation: str, person: str = PERSON, *, until: int = EVER) -> None:
        """Who may see the person, until when (microseconds of the domain clock)."""
        async with self.database.transaction() as connection:
            await connection.execute(
                "DELETE FROM access WHERE patient = $1 AND organisation = $2", person, organisation
            )
            await connection.execute(
                "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ($1, $2, $3, 0, $4)",
                person, organisation, "registered", until,
            )  # fmt: skip

    async def sequenced(self) -> None:
        """Give what was committed its positions, also what has to wait for a transaction of the loop to end."""
        while True:
            async with self.database.transaction() as connection:
                await sequence(connection, 500)
                if not await connection.fetchval("SELECT count(*) FROM outbox"):
                    return
            await asyncio.sleep(0)

    async def told(self, turns: int = 50) -> list[str]:
        """Let the loop work until nothing changes: `Type/id v<version>` of all that the endpoint has been sent."""
        await self.sequenced()
        before = None
        for _ in range(turns):
            await self.dispatcher.turn()
            await self.dispatcher.idle()
            after = (len(self.receiver.requests), await self.rows())
            if after == before:
                break
            before = after
        return [_name(each.resource) for each in self.receiver.requests if each.body]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The loop itself, while the block lasts."""
        loop = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

    async def rows(self) -> list[tuple[Any, ...]]:
        """What is kept beside the Subscriptions."""
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT id, state, position, attempts, next_at FROM subscription ORDER BY id")
        return [tuple(row) for row in rows]

    async def audited(self) -> list[tuple[Any, ...]]:
        """The notifications in the audit trail: organisation, patient, status."""
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "SELECT organisation, patient, status FROM audit WHERE action = '$notify' ORDER BY id"
            )
        return [tuple(row) for row in rows]


def _name(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']} v{resource['meta']['versionId']}"


@asynccontextmanager
async def bench_on(url: str, folder: Path) -> AsyncIterator[Bench]:
    """The bench on a database with the kernel's tables."""
    database = await open_database(url, pool_size=8)
    async with receiving(folder) as receiver:
        hosts = register(folder, {code: [receiver.host] for code in (PROVIDER, PRACTICE, NETWORK)})
        service = Service("mdt-service", tuple(map(ResourceType, OWNED_TYPES["mdt-service"])), MetaData(), "")
        clock, ids, patients, now = SettableClock(START), RandomIds(), PatientDirectory(), ManualTime()
        writing = Writing(service, database, clock, ids, patients, BASE, lambda: None)
        kernel = Kernel(service, database, clock, ids, validator(), patients, writing, BASE, b"a secret of tests" * 2)

        def work(connection: Connection, context: WriteContext, moment: datetime) -> ServiceWork:
            own = WriteContext(service_caller(service.name), context.author, None, None)
            return ServiceWork(connection, writing, kernel.validator, own, moment, service.name)

        def own_work(connection: Connection) -> ServiceWork:
            caller = service_caller(service.name)
            return work(connection, WriteContext(caller, caller.organisation, None, None), clock.now())

        def make(holder: str = "one", timeout: float = 30.0) -> Dispatcher:
            return subscriptions(kernel, hosts, own_work, holder=holder, now=now, timeout=timeout)

        writing.work_factory = work
        bench = Bench(database, kernel, Routes(kernel), receiver, hosts, clock, make, make(), now)
        async with database.transaction() as connection:
            for person in (PERSON, OTHER_PERSON):
                await connection.execute(
                    "INSERT INTO patient (id, practice, deleted) VALUES ($1, $2, 0)", person, PRACTICE
                )
        for code in (PRACTICE, PROVIDER):
            await bench.access(code)
        await bench.access(PRACTICE, OTHER_PERSON)
        yield bench
        await bench.dispatcher.close()
    await database.close()


@pytest.fixture
async def bench(kernel_database: KernelDatabase, tmp_path: Path) -> AsyncIterator[Bench]:
    """The bench, once on SQLite and once on PostgreSQL."""
    async with bench_on(kernel_database(), tmp_path) as made:
        yield made


@pytest.fixture
async def sqlite_bench(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """The bench on SQLite alone, for what the database has no part in."""
    await make_kernel_tables(sqlite_url)
    async with bench_on(sqlite_url, tmp_path) as made:
        yield made
