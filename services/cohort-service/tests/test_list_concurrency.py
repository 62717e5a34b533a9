"""Two processes may evaluate the same person at once: the second waits, and sees what the first one did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cohort_service.catalogue.shipped import install
from cohort_service.domain.facts.person import Person
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_person
from cohort_service.lists.announcements import ENTERED
from cohort_service.lists.evaluation import evaluate_people
from cohort_service.service import service
from tandem.canonical import SNOMED_CT
from tandem.database.connection import Database, open_database
from tandem.nhs.value_set import Member, ValueSet
from tandem.record_facts.fact import Fact
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork

FALLS = """
id: falls
version: "1"
title: Falls
description: People who fell.
service: AC
status: mandatory
source: A test
members:
  recorded: {any_of: [falls]}
"""


@pytest.fixture
async def database(migrated_on_postgresql: MigratedDatabase) -> AsyncIterator[Database]:
    """One list, and a person who belongs on it and was not evaluated yet."""
    url = migrated_on_postgresql(service)
    opened = await open_database(url, pool_size=4)
    async with opened.transaction() as connection:
        falls = ValueSet("falls", "1", "Falls", "A test", None, (Member(SNOMED_CT, "161898004"),))
        await install(SmallWork(service, connection), [falls], {"falls.yaml": FALLS})
        await connection.execute("INSERT INTO patient (id, practice) VALUES ('p1', 'A00001')")
        await write_person(connection, "p1", Person(None, None, None, None))
        said = RecordFacts("Observation/o1", "p1", [Fact(SNOMED_CT, "161898004", 18_000)])
        await write_facts(connection, Concepts(), [said])
    yield opened
    await opened.close()


async def test_a_person_who_is_evaluated_twice_at_once_enters_once(database: Database) -> None:
    first_is_done, told = asyncio.Event(), list[SmallWork]()

    async def first() -> None:
        async with database.transaction() as connection:
            work = SmallWork(service, connection)
            told.append(work)
            await evaluate_people(work, await _everybody(work))
            first_is_done.set()
            # The other one is let go on until it waits for this transaction.
            while not await _somebody_waits(database):
                pass

    async def second() -> None:
        await first_is_done.wait()
        async with database.transaction() as connection:
            work = SmallWork(service, connection)
            told.append(work)
            await evaluate_people(work, await _everybody(work))

    await asyncio.gather(first(), second())
    assert [len(work.of(ENTERED)) for work in told] == [1, 0]
    async with database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM group_member") == 1
        assert await connection.fetchval("SELECT COUNT(*) FROM cohort_group") == 1


async def _everybody(work: SmallWork) -> list[int]:
    return [row["number"] for row in await work.connection.fetch("SELECT number FROM person")]


async def _somebody_waits(database: Database) -> bool:
    async with database.read() as connection:
        waiting = await connection.fetchval(
            "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
    return bool(waiting)
