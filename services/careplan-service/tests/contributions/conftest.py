"""careplan-service behind its routes on an empty database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from careplan_service.service import service
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem_tests.plan_service import PlanService


@pytest.fixture
async def plans(database_url: str) -> AsyncIterator[PlanService]:
    """The service on an empty database, on SQLite and on PostgreSQL."""
    await migrate(service, database_url)
    database = await open_database(database_url, pool_size=8)
    yield PlanService(database)
    await database.close()
