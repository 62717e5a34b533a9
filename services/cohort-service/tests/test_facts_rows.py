"""The rows of concepts, people and facts: numbered once, replaced as a whole, written in bulk by the same functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cohort_service.domain.facts.person import Person
from cohort_service.facts.concepts import Concepts, concepts_of, give_displays
from cohort_service.facts.fact_rows import RecordFacts, copy_facts, write_facts
from cohort_service.facts.person_rows import write_people, write_person
from cohort_service.facts.record_follower import NAME, RECORD_FOLLOWER, rebuild
from cohort_service.service import service
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.connection import Connection, Database, UniqueViolation, open_database
from tandem.events.follower import LogFollower
from tandem.events.follower_cursor import cursor_name
from tandem.events.lease import Lease
from tandem.events.sequencer import sequence
from tandem.record_facts.fact import Fact
from tandem.service import Work
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork

CODE = (SNOMED_CT, "44054006")
PERSON = Person(born=-10_000, sex="female", died=None, left=None)


@pytest.fixture
async def database(migrated_database: MigratedDatabase) -> AsyncIterator[Database]:
    opened = await open_database(migrated_database(service), pool_size=4)
    yield opened
    await opened.close()


def fact(code: str, starts: int = 18_000, **more: Any) -> Fact:
    return Fact(SNOMED_CT, code, starts, **more)


async def shown(connection: Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        "SELECT p.patient, r.reference, c.code, f.starts, f.ends, f.value FROM fact f JOIN person p"
        " ON p.number = f.person JOIN record r ON r.number = f.record JOIN concept c ON c.number = f.concept"
        " UNION ALL SELECT p.patient, r.reference, c.code, m.starts, m.ends, -1 FROM medicine m JOIN person p"
        " ON p.number = m.person JOIN record r ON r.number = m.record JOIN concept c ON c.number = m.concept"
    )
    return sorted((tuple(row) for row in rows), key=repr)


async def test_a_code_has_one_number_and_is_its_own_substance(database: Database) -> None:
    concepts = Concepts()
    async with database.transaction() as connection:
        first = await concepts.numbers(connection, [CODE, CODE, (SNOMED_CT, "1")])
    async with database.transaction() as connection:
        assert await concepts.numbers(connection, [CODE]) == {CODE: first[CODE]}
        assert await Concepts().numbers(connection, [CODE]) == {CODE: first[CODE]}
        rows = await connection.fetch("SELECT number, display, substance FROM concept ORDER BY code DESC")
    assert [row["display"] for row in rows] == [None, None]
    assert all(row["substance"] == row["number"] for row in rows)


async def test_the_words_for_a_code_are_those_of_the_first_value_set_that_has_any(database: Database) -> None:
    concepts = Concepts()
    async with database.transaction() as connection:
        await concepts.numbers(connection, [CODE])
        for display in ("Type 2 diabetes mellitus", "Diabetes"):
            await give_displays(connection, {CODE: display})
        assert await connection.fetchval("SELECT display FROM concept") == "Type 2 diabetes mellitus"


async def test_an_order_is_counted_as_one_of_its_codings(database: Database) -> None:
    order = [Fact(system, code, 18_000, medicine=True) for system, code in (
        ("urn:local", "1"), (SNOMED_CT, "3"), (DMD, "322236009"), (SNOMED_CT, "2"))]  # fmt: skip
    async with database.transaction() as connection:
        await write_facts(connection, concepts_of(connection), [RecordFacts("MedicationRequest/a", "p1", order)])
        rows = await connection.fetch(
            "SELECT c.system, c.code FROM medicine m JOIN concept c ON c.number = m.product"
        )
    assert [tuple(row) for row in rows] == [(DMD, "322236009")] * 4


async def test_a_product_by_its_code_of_either_system_is_one_substance(database: Database) -> None:
    for codes in ([(SNOMED_CT, "1"), (DMD, "1"), (SNOMED_CT, "2")], [(DMD, "2"), (DMD, "3"), ("urn:local", "3")]):
        async with database.transaction() as connection:
            await concepts_of(connection).numbers(connection, codes)
    async with database.read() as connection:
        rows = await connection.fetch("SELECT code, COUNT(DISTINCT substance) AS substances FROM concept GROUP BY code")
    assert {row["code"]: row["substances"] for row in rows} == {"1": 1, "2": 1, "3": 2}


async def test_a_number_that_was_rolled_back_is_forgotten(database: Database) -> None:
    concepts = Concepts()
    with pytest.raises(RuntimeError):
        async with database.transaction() as connection:
            await concepts.numbers(connection, [CODE])
            raise RuntimeError
    async with database.transaction() as connection:
        numbers = await concepts.numbers(connection, [CODE])
        assert await connection.fetchval("SELECT number FROM concept") == numbers[CODE]


async def test_many_that_number_the_same_codes_at_once_agree(database: Database) -> None:
    codes = [(SNOMED_CT, str(number)) for number in range(20)]

    async def number(order: int) -> dict[Any, int]:
        async with database.transaction() as connection:
            return await concepts_of(connection).numbers(connection, codes[order:] + codes[:order])

    first, *others = await asyncio.gather(*(number(order) for order in range(4)))
    assert all(each == first for each in others)
    async with database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM concept") == 20


async def test_what_a_record_says_replaces_what_it_said(database: Database) -> None:
    async with database.transaction() as connection:
        concepts = concepts_of(connection)
        said = RecordFacts("Condition/a", "p1", [fact("1"), fact("2", medicine=True)])
        first = await write_facts(connection, concepts, [said, RecordFacts("Condition/b", "p2", [])])
        assert first == {await write_person(connection, "p1", None)}
        moved = await write_facts(connection, concepts, [RecordFacts("Condition/a", "p2", [fact("3", value=1.5)])])
        assert len(moved) == 2
        assert await shown(connection) == [("p2", "Condition/a", "3", 18_000, None, 1.5)]
        gone = await write_facts(connection, concepts, [RecordFacts("Condition/a", None, [])])
        assert gone == {await write_person(connection, "p2", None)}
        assert await shown(connection) == []
        assert await write_facts(connection, concepts, [RecordFacts("Condition/a", None, [])]) == set()


async def test_bulk_loading_leaves_the_same_rows(database: Database) -> None:
    people = {f"p{number}": PERSON for number in range(30)}
    records = [
        RecordFacts(f"Observation/{number}", f"p{number % 30}", [
            fact(str(number % 7), 18_000 + number, ends=19_000, value=number / 2),
            fact(str(number % 5), medicine=True),
        ])
        for number in range(200)
    ]  # fmt: skip
    async with database.transaction() as connection:
        concepts = concepts_of(connection)
        await write_people(connection, people)
        await write_facts(connection, concepts, records)
        one_by_one = await shown(connection)
        numbers = await connection.fetch("SELECT number, reference FROM record ORDER BY number")
        for table in ("fact", "medicine", "record", "person"):
            await connection.execute(f"DELETE FROM {table}")
    async with database.transaction() as connection:
        await copy_facts(connection, concepts_of(connection), people, records)
        assert await shown(connection) == one_by_one
        again = await connection.fetch("SELECT reference FROM record ORDER BY number")
        assert [row["reference"] for row in again] == [row["reference"] for row in numbers]
        assert await connection.fetchval("SELECT COUNT(*) FROM person WHERE born = -10000 AND sex = 'female'") == 30
    with pytest.raises(UniqueViolation):
        async with database.transaction() as connection:
            await copy_facts(connection, concepts_of(connection), people, [])


async def write(database: Database, *resources: dict[str, Any]) -> SmallWork:
    """Write these as the kernel does, log and positions included."""
    async with database.transaction() as connection:
        work = SmallWork(service, connection)
        for resource in resources:
            await work.put(resource)
        await connection.execute("INSERT INTO outbox (log_id, txid) SELECT id, 0 FROM log")
        await sequence(connection, 500)
    return work


def follower(database: Database) -> LogFollower:
    def work(connection: Connection) -> Work:
        return SmallWork(service, connection)

    return LogFollower(
        database, service.name, RECORD_FOLLOWER, work, Lease(database, cursor_name(NAME), holder="here")
    )


async def test_facts_are_rebuilt_from_the_log_as_they_were(database: Database) -> None:
    home = {"coding": [{"system": SNOMED_CT, "code": "160734000"}]}
    await write(
        database,
        {"resourceType": "Patient", "id": "p1", "birthDate": "1940-01-01"},
        *(
            {"resourceType": "Observation", "id": f"o{day}", "status": "final", "code": home,
             "subject": {"reference": "Patient/p1"}, "effectiveDateTime": f"2020-06-0{day}"}
            for day in range(1, 5)
        ),
    )  # fmt: skip
    at_work = follower(database)
    while await at_work.turn():
        pass
    async with database.read() as connection:
        before = await shown(connection)
    assert len(before) == 8
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM fact WHERE starts > (SELECT MIN(starts) FROM fact)")
        await connection.execute("UPDATE fact SET ends = 1")
        await connection.execute("INSERT INTO fact (person, concept, starts, record) VALUES (1, 1, 1, 999)")
        await connection.execute("UPDATE person SET born = NULL")
        await rebuild(connection)
    while await at_work.turn():
        pass
    async with database.read() as connection:
        assert await shown(connection) == before
        assert await connection.fetchval("SELECT COUNT(*) FROM fact") == 8
        assert await connection.fetchval("SELECT born FROM person") is not None
