"""careplan-service behind its routes on an empty database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from careplan_service.service import service
from tandem.database.connection import open_database
from tandem_tests.plan_service import PlanService
from tandem_tests.prepared_databases import MigratedDatabase


@pytest.fixture
async def plans(migrated_database: MigratedDatabase) -> AsyncIterator[PlanService]:
    """The service on an empty database, on SQLite and on PostgreSQL."""
    database = await open_database(migrated_database(service), pool_size=8)
    yield PlanService(database)
    await database.close()
