"""cohort-service with a network of two practices and the people of extracts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cohort_service.service import service
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem_tests.identification_service import Cohorts


@pytest.fixture
async def cohorts(database_url: str) -> AsyncIterator[Cohorts]:
    """The service with organisations and definitions; once on SQLite and once on PostgreSQL."""
    await migrate(service, database_url)
    database = await open_database(database_url, pool_size=3)
    running = Cohorts(database)
    await running.settle()
    yield running
    await database.close()
