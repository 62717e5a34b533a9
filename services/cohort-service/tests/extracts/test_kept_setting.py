"""A changed TANDEM_PSEUDONYM_KEY keeps the service from starting, once somebody's pseudonyms rest on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cohort_service.extracts.kept_setting import refuse_another_key, refuse_unless_kept
from cohort_service.extracts.key_rows import key_for
from cohort_service.service import service
from tandem.database.connection import Database, open_database
from tandem.database.migrate import migrate
from tandem.fhir.outcome import FhirError, Kind
from tandem.runtime.embedded import EmbeddedSystem
from tandem.settings import SettingError, settings_from

FIRST, SECOND = "the key of the first start", "the key of another start"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await migrate(service, database_url)
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def start(database: Database, key: str) -> None:
    kernel: Any = SimpleNamespace(pseudonym_key=key.encode())
    async with database.transaction() as connection:
        await refuse_another_key(connection, kernel)


async def make_a_key(database: Database) -> None:
    async with database.transaction() as connection:
        await key_for(connection, "A81001", "RXP", 18_000)


async def test_a_key_may_be_set_until_the_first_extract(database: Database) -> None:
    for key in ("", FIRST, SECOND, FIRST):
        await start(database, key)
    await make_a_key(database)
    await start(database, FIRST)
    for key in (SECOND, ""):
        with pytest.raises(SettingError, match=r"^TANDEM_PSEUDONYM_KEY .*keys\.md") as refused:
            await start(database, key)
        assert key == "" or key not in str(refused.value)
    await start(database, FIRST)


async def test_the_key_of_a_database_from_before_is_the_one_it_is_started_with(database: Database) -> None:
    await make_a_key(database)
    await start(database, FIRST)
    with pytest.raises(SettingError):
        await start(database, SECOND)


async def test_a_process_that_still_runs_with_the_key_of_before_makes_no_extract(database: Database) -> None:
    def kernel(key: str) -> Any:
        return SimpleNamespace(pseudonym_key=key.encode())

    async with database.read() as connection:
        await refuse_unless_kept(connection, kernel(FIRST))
    for key in (FIRST, SECOND):
        await start(database, key)
    async with database.read() as connection:
        await refuse_unless_kept(connection, kernel(SECOND))
        with pytest.raises(FhirError) as refused:
            await refuse_unless_kept(connection, kernel(FIRST))
    assert refused.value.kind is Kind.UNAVAILABLE, "its job is taken by another process"


async def test_the_database_does_not_hold_it(database: Database) -> None:
    await start(database, FIRST)
    async with database.read() as connection:
        kept = await connection.fetchval("SELECT fingerprint FROM pseudonym_setting")
    assert len(kept) == 8
    assert kept not in FIRST.encode().hex()


def test_a_system_does_not_start_with_another(tmp_path: Path) -> None:
    async def begin(key: str) -> None:
        system = EmbeddedSystem(tmp_path, settings_from({"TANDEM_PSEUDONYM_KEY": key}))
        async with system.running(), system.services["cohort-service"].database.transaction() as connection:
            await key_for(connection, "A81001", "RXP", 18_000)

    asyncio.run(begin(FIRST))
    with pytest.raises(SettingError, match="TANDEM_PSEUDONYM_KEY"):
        asyncio.run(begin(SECOND))
