"""Access to a person is derived anew while they are erased, on PostgreSQL: no row of theirs is left behind."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from sqlalchemy import MetaData

from tandem.database.tables import declare_kernel_tables
from tandem.identity.derivation import derive, hold
from tandem.retention.erasing import erase

HER = "5643a7bf-4ceb-4401-b003-361c4440f93b"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def erasing(node: Any) -> None:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    service: Any = SimpleNamespace(metadata=metadata, erases={})
    async with node.database.transaction() as connection:
        await erase(connection, service, HER)


async def test_access_that_an_organisation_brings_meanwhile_goes_too(concurrent_owner: Any) -> None:
    async with concurrent_owner.database.transaction() as connection:
        await connection.execute("INSERT INTO patient (id, practice, deleted) VALUES ($1, 'A81001', 0)", HER)
        await derive(connection, "p.id = $1", HER)
    async with concurrent_owner.database.transaction() as connection:
        await hold(connection)
        await derive(connection, "p.practice = $1", "A81001")
        erasure = asyncio.create_task(erasing(concurrent_owner))
        while not erasure.done() and not await concurrent_owner.column(WAITS):
            await asyncio.sleep(0)
    await erasure
    assert await concurrent_owner.column("SELECT patient FROM access") == []
