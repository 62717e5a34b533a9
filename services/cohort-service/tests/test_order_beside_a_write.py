"""An order to erase a person beside a write of two of their records, on PostgreSQL: both come to their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from cohort_service.erasure.erase_operation import _carried_out
from cohort_service.erasure.order_rows import Order
from cohort_service.service import service
from tandem.clock import SettableClock
from tandem.database.connection import Database, open_database
from tandem.events.outbox import Entry, append
from tandem.fhir.request import FhirRequest
from tandem.fhir.store import hold
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.retention.tombstones import digest_of
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import START, SmallWork

HER, CONDITION = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0b7e4e0a-6f1c-4f44-9d6e-3f0a4a1f7c11"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def database(migrated_on_postgresql: MigratedDatabase) -> AsyncIterator[Database]:
    """She has died, and has a Condition."""
    opened = await open_database(migrated_on_postgresql(service), pool_size=4)
    async with opened.transaction() as connection:
        for kind, identity in (("Patient", HER), ("Condition", CONDITION)):
            await append(connection, Entry(
                event_id=f"{kind}-{identity}-1", kind=f"fhir.{kind}.create", type=kind, resource_id=identity, version=1,
                at=1, patient=HER, body=b'{"resourceType":"%b","deceasedBoolean":true}' % kind.encode(),
            ))  # fmt: skip
            await connection.execute(
                "INSERT INTO resource (type, id, version, updated, log_id, patient) VALUES ($1, $2, 1, 0, 0, $3)",
                kind, identity, HER,
            )  # fmt: skip
    yield opened
    await opened.close()


def call_on(database: Database) -> Any:
    factory = SimpleNamespace(work_factory=lambda connection, _, now: SmallWork(service, connection, now))
    kernel = SimpleNamespace(database=database, service=service, clock=SettableClock(START), writing=factory)
    caller = Caller("RROP", {"*": ALL_LETTERS}, operator=True)
    request = FhirRequest("POST", f"Patient/{HER}/$erase", "", {}, b"", "http://tandem.test/fhir", "r", "c", caller)
    return SimpleNamespace(kernel=kernel, request=request)


async def somebody_waits(database: Database) -> bool:
    async with database.read() as connection:
        return bool(await connection.fetch(WAITS))


async def test_neither_waits_in_a_circle(database: Database) -> None:
    order = Order("1", digest_of(HER), "order", "asked for", "somebody", "RROP", "1", 0)
    async with database.transaction() as connection:
        await hold(connection, [("Condition", CONDITION)])
        erasure = asyncio.create_task(_carried_out(call_on(database), HER, order))
        while not erasure.done() and not await somebody_waits(database):
            await asyncio.sleep(0)
        await hold(connection, [("Patient", HER)])
    await erasure
    async with database.read() as connection:
        assert await connection.fetch("SELECT 1 FROM resource") == []
