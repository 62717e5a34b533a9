"""The migrations and the declared tables of careplan-service agree, on both databases."""

from __future__ import annotations

from careplan_service.service import service
from tandem.database.migrate import drift, migrate, pending


async def test_an_empty_database_becomes_what_is_declared(database_url: str) -> None:
    assert await pending(service, database_url)
    await migrate(service, database_url)
    assert not await pending(service, database_url)
    assert await drift(service, database_url) == []
