"""A statement may change in the very moment in which the follower writes what its Medication says: what is said last
stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from cohort_service.facts.backlog import StaleOrdersAndPeople
from cohort_service.facts.foreign_records import take_foreign_record
from cohort_service.facts.record_follower import follow_records
from cohort_service.service import service
from tandem.canonical import DMD
from tandem.database.connection import Database, open_database
from tandem.fhir.body import Resource
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork, written_event

FIRST = {"medicationReference": {"reference": "Medication/m1"}}
NAMED = {"medicationCodeableConcept": {"coding": [{"system": DMD, "code": "named"}]}}
OTHER = {"medicationReference": {"reference": "Medication/m2"}}


def statement(medicine: dict[str, Any]) -> Resource:
    return {
        "resourceType": "MedicationStatement", "id": "s", "status": "active", "subject": {"reference": "Patient/p1"},
        **medicine,
    }  # fmt: skip


def medication(identity: str) -> Resource:
    return {"resourceType": "Medication", "id": identity, "code": {"coding": [{"system": DMD, "code": identity}]}}


@pytest.fixture
async def database(migrated_on_postgresql: MigratedDatabase) -> AsyncIterator[Database]:
    """Two Medications, and a statement that refers to the first and was not written yet."""
    url = migrated_on_postgresql(service)
    opened = await open_database(url, pool_size=4)
    async with opened.transaction() as connection:
        work = SmallWork(service, connection)
        for identity in ("m1", "m2"):
            await work.put(medication(identity))
        await take_foreign_record(written_event(statement(FIRST), "p1"), work)
    yield opened
    await opened.close()


async def take_backlog(work: SmallWork) -> None:
    backlog = StaleOrdersAndPeople()
    if waiting := await backlog.waiting(work.connection, 100):
        await backlog.take(work.connection, waiting)
        await follow_records(waiting, work)


@pytest.mark.parametrize(("later", "said"), [(NAMED, "named"), (OTHER, "m2")])
@pytest.mark.parametrize("follower_first", [True, False])
async def test_what_is_said_last_stays(
    database: Database, later: dict[str, Any], said: str, follower_first: bool
) -> None:
    async def listen(work: SmallWork) -> None:
        await take_foreign_record(written_event(statement(later), "p1", version=2), work)

    first, second = (take_backlog, listen) if follower_first else (listen, take_backlog)
    await _overlapping(database, first, second)
    async with database.transaction() as connection:
        await take_backlog(SmallWork(service, connection))
    async with database.transaction() as connection:
        assert await StaleOrdersAndPeople().waiting(connection, 100) == []
        rows = await connection.fetch("SELECT c.code FROM medicine m JOIN concept c ON c.number = m.concept")
        assert [row["code"] for row in rows] == [said]


async def test_a_person_who_was_marked_before_is_evaluated_by_what_came_since(database: Database) -> None:
    """The follower must not take the former mark while a listener is still writing."""

    async def listen(work: SmallWork) -> None:
        await take_foreign_record(written_event({**statement(NAMED), "id": "t"}, "p1"), work)

    async def earlier(work: SmallWork) -> None:
        await take_foreign_record(written_event({**statement(NAMED), "id": "u"}, "p1"), work)

    seen: list[int] = []

    async def follow(work: SmallWork) -> None:
        backlog = StaleOrdersAndPeople()
        await backlog.take(work.connection, await backlog.waiting(work.connection, 100))
        seen.append(await work.connection.fetchval("SELECT COUNT(*) FROM medicine"))

    async with database.transaction() as connection:
        await earlier(SmallWork(service, connection))
    await _overlapping(database, listen, follow)
    assert seen == [2]


async def _overlapping(
    database: Database, first: Callable[[SmallWork], Awaitable[None]], second: Callable[[SmallWork], Awaitable[None]]
) -> None:
    """The first commits when the second waits for it, or has ended without waiting."""
    first_is_done, second_is_done = asyncio.Event(), asyncio.Event()

    async def ahead() -> None:
        async with database.transaction() as connection:
            await first(SmallWork(service, connection))
            first_is_done.set()
            while not second_is_done.is_set() and not await _somebody_waits(database):
                pass

    async def behind() -> None:
        await first_is_done.wait()
        async with database.transaction() as connection:
            await second(SmallWork(service, connection))
        second_is_done.set()

    await asyncio.gather(ahead(), behind())


async def _somebody_waits(database: Database) -> bool:
    async with database.read() as connection:
        waiting = await connection.fetchval(
            "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
    return bool(waiting)
