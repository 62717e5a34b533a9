"""The directory's tables in a database of the test's own, on SQLite and on PostgreSQL, and what is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.database.connection import Connection, open_database
from tandem.directory.part import DIRECTORY
from tandem.directory.tables import declare
from tandem.events.event import Event
from tandem.events.kinds import matches
from tandem.service import Service
from tandem_tests.own_tables import create_tables
from tandem_tests.small_work import START, SmallWork


class Directory:
    """A service's directory; `connection` reads it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._work = SmallWork(Service("a-service", (), MetaData(), ""), connection)

    async def hears(self, resource: dict[str, Any], *, version: int = 1, granted: bool = True) -> None:
        """Of a version of a resource."""
        await self._hears(resource["resourceType"], resource["id"], resource, version, granted)

    async def hears_of_deletion(self, reference: str, version: int = 2) -> None:
        kind, _, identity = reference.partition("/")
        await self._hears(kind, identity, None, version, True)

    async def _hears(
        self, kind: str, identity: str, data: dict[str, Any] | None, version: int, granted: bool
    ) -> None:  # fmt: skip
        action = "delete" if data is None else "create" if version == 1 else "update"
        event = Event(
            f"{kind}/{identity}/{version}", f"fhir.{kind}.{action}", "cohort-service", START, type=kind,
            resource_id=identity, version=version, granted=granted, data=data,
        )  # fmt: skip
        [listener] = DIRECTORY.listeners
        assert any(matches(pattern, event.kind) for pattern in listener.kinds), event.kind
        await listener.handler(event, self._work)


@pytest.fixture
async def directory(database_url: str) -> AsyncIterator[Directory]:
    """A directory that knows nobody yet, in one open transaction."""
    metadata = MetaData()
    declare(metadata)
    database = await open_database(database_url, pool_size=2)
    async with database.transaction() as connection:
        await create_tables(connection, metadata)
        yield Directory(connection)
    await database.close()
