"""A database that was restored from before an erasure hears of it from what others answered, and carries it out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cohort_service.erasure.answer_listener import on_answer, refuse_erased
from cohort_service.service import service
from tandem.database.connection import Database, open_database
from tandem.events.event import Event
from tandem.events.outbox import Entry, append
from tandem.fhir.outcome import FhirError
from tandem.retention.erasure_feed import ANSWERED
from tandem.retention.tombstones import digest_of
from tandem_tests.prepared_databases import MigratedDatabase

HER, OTHER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0c1d9a52-8f0e-4a55-9a4f-1f2f5f0c7d11"
NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
async def restored(migrated_database: MigratedDatabase) -> AsyncIterator[Database]:
    database = await open_database(migrated_database(service))
    try:
        async with database.transaction() as connection:
            for number, person in enumerate((HER, OTHER)):
                await connection.execute(
                    "INSERT INTO patient (id, nhs_number) VALUES ($1, $2)", person, f"999000123{number}"
                )
                await append(connection, Entry(
                    event_id=f"Patient-{person}-1", kind="fhir.Patient.create", type="Patient", resource_id=person,
                    version=1, at=1, patient=person, body=b'{"resourceType":"Patient"}',
                ))  # fmt: skip
        yield database
    finally:
        await database.close()


def answer(digest: str) -> Event:
    data = {"digest": digest, "removed": {"log": 4}}
    return Event(id=f"answer-{digest}", kind=ANSWERED, source="mdt-service", time=NOW, data=data)


async def hear(database: Database, event: Event) -> None:
    async with database.transaction() as connection:
        await on_answer(event, work(connection))


def work(connection: Any) -> Any:
    return SimpleNamespace(connection=connection, now=NOW)


async def test_an_answer_about_somebody_who_is_held_erases_them_again(restored: Database) -> None:
    for _ in range(2):
        await hear(restored, answer(digest_of(HER)))
    async with restored.read() as connection:
        assert [row["id"] for row in await connection.fetch("SELECT id FROM patient")] == [OTHER]
        assert [row["patient"] for row in await connection.fetch("SELECT patient FROM log")] == [OTHER]
        change: Any = SimpleNamespace(id=HER, before=None, after={"resourceType": "Patient"})
        with pytest.raises(FhirError, match="was erased"):
            await refuse_erased(change, work(connection))


async def test_an_answer_about_nobody_who_is_held_changes_nobody(restored: Database) -> None:
    await hear(restored, answer(digest_of("somebody else")))
    async with restored.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM patient") == 2
        assert await connection.fetchval("SELECT COUNT(*) FROM log") == 2
