"""The service at work on a database of its own: events go in, requests are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from metrics_service.service import service
from tandem.canonical import SNOMED_CT
from tandem.clock import SettableClock
from tandem.database.connection import Database, open_database
from tandem.events.event import Event
from tandem.events.kinds import matches
from tandem.fhir.body import decode, encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.ids import CountingIds
from tandem_tests.prepared_databases import MigratedDatabase

BASE = "http://localhost/fhir"
NOW = datetime(2020, 7, 31, 9, tzinfo=UTC)
FOREVER = 253_402_300_800_000_000


class MetricsService:
    """metrics-service without transport: `take` is its listener, `call` its routes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SettableClock(NOW)
        self._ids = count(1)
        patients, ids = PatientDirectory(), CountingIds()
        self.writing = Writing(service, database, self.clock, ids, patients, BASE, lambda: None)
        self.kernel = Kernel(
            service, database, self.clock, ids, validator(), patients, self.writing, BASE, b"a secret of the tests"
        )

    async def seed(self) -> None:
        async with self.database.transaction() as connection:
            await service.seeds(self.work(connection))

    def work(self, connection: Any) -> ServiceWork:
        own = service_caller(service.name)
        context = WriteContext(own, own.organisation, None, None)
        return ServiceWork(connection, self.writing, self.kernel.validator, context, self.clock.now(), service.name)

    async def take(self, *events: Event) -> None:
        async with self.database.transaction() as connection:
            for event in events:
                for listener in service.listeners:
                    if any(matches(pattern, event.kind) for pattern in listener.kinds):
                        await listener.handler(event, self.work(connection))

    async def execute(self, sql: str, *params: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(sql, *params)

    async def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(sql, *params)]

    async def organisation(self, code: str, kind: str) -> None:
        await self.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, 1)", f"org-{code}", code, kind
        )

    async def member(self, holder: str, member: str, ends: int = FOREVER) -> None:
        await self.execute(
            "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
            " VALUES ($1, $2, $3, $2, $3, 0, $4)",
            f"m{next(self._ids)}", holder, member, ends,
        )  # fmt: skip

    async def patient(self, identity: str, practice: str, deleted: int = 0) -> None:
        await self.execute(
            "INSERT INTO patient (id, practice, deleted) VALUES ($1, $2, $3)", identity, practice, deleted
        )

    async def call(
        self, organisation: str, query: str, *, body: dict[str, Any] | None = None, operator: bool = False,
        measure: str = "shared-care-activity",
    ) -> FhirResponse:  # fmt: skip
        caller = Caller(organisation, scopes={"*": ALL_LETTERS}, operator=operator)
        request = FhirRequest(
            "GET" if body is None else "POST", f"Measure/{measure}/$evaluate-measure", query, {},
            b"" if body is None else encode(body), BASE, "request", "correlation", caller,
        )  # fmt: skip
        return await Routes(self.kernel).answer(request)

    async def figures(
        self, organisation: str, start: str, end: str, extra: str = "", *, operator: bool = False
    ) -> dict[str, int]:
        """Counts by population."""
        answer = await self.call(organisation, f"periodStart={start}&periodEnd={end}{extra}", operator=operator)
        assert answer.status == 200, answer.body
        group = decode(answer.body)["group"][0]
        return {each["code"]["coding"][0]["code"]: each["count"] for each in group["population"]}


class Events:
    """Events as other services tell them; times are ISO texts with an offset."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def resource(
        self, kind: str, identity: str, version: int, time: str, patient: str | None, *, granted: bool = True,
        deleted: bool = False, **content: Any,
    ) -> Event:  # fmt: skip
        action = "delete" if deleted else "create" if version == 1 else "update"
        data = None if deleted else {"resourceType": kind, "id": identity, **content}
        return self._event(f"fhir.{kind}.{action}", time, patient, data, kind, identity, version, granted)

    def plan(
        self, identity: str, version: int, time: str, patient: str, *, shared: bool = True, **content: Any
    ) -> Event:
        code = "2181441000000107" if shared else "734163000"
        category = [{"coding": [{"system": SNOMED_CT, "code": code}]}]
        return self.resource("CarePlan", identity, version, time, patient, category=category, **content)

    def fact(self, kind: str, time: str, patient: str, /, **data: Any) -> Event:
        return self._event(kind, time, patient, data)

    def _event(
        self, kind: str, time: str, patient: str | None, data: Any, resource: str | None = None,
        identity: str | None = None, version: int | None = None, granted: bool = True,
    ) -> Event:  # fmt: skip
        number = next(self._numbers)
        return Event(
            f"event-{number}", kind, "careplan-service", datetime.fromisoformat(time), None, resource, identity,
            version, patient, "A81001", granted, position=number, data=data,
        )  # fmt: skip


@pytest.fixture
def events() -> Events:
    """Makes events, each with the next position."""
    return Events()


@pytest.fixture
async def metrics(migrated_database: MigratedDatabase) -> AsyncIterator[MetricsService]:
    """The service, seeded; once on SQLite and once on PostgreSQL."""
    database = await open_database(migrated_database(service), pool_size=3)
    running = MetricsService(database)
    await running.seed()
    yield running
    await database.close()
