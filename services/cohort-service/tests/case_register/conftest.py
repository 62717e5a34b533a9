"""cohort-service with a network of two practices, its commissioner, and small definitions of the case register."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cohort_service.service import service
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem_tests.identification_service import COMMISSIONER, PRACTICE, Cohorts, definition


@pytest.fixture
async def cohorts(database_url: str) -> AsyncIterator[Cohorts]:
    """Once on SQLite and once on PostgreSQL. Whoever fell is proposed for the register."""
    await migrate(service, database_url)
    database = await open_database(database_url, pool_size=4)
    running = Cohorts(database)
    await running.settle()
    await running.install(definition("complex-and-frail", "PCPC", value_set="fell"))
    await running.join(COMMISSIONER, PRACTICE)
    yield running
    await database.close()
