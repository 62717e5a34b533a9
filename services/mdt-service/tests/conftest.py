"""The service's tables in a database of the test's own, on SQLite and on PostgreSQL, and a Work over them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mdt_service.service import service
from tandem.database.connection import open_database
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork


@pytest.fixture
async def work(migrated_database: MigratedDatabase) -> AsyncIterator[SmallWork]:
    """One open transaction of the service, on an empty database."""
    database = await open_database(migrated_database(service), pool_size=2)
    async with database.transaction() as connection:
        yield SmallWork(service, connection)
    await database.close()
