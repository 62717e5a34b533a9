"""What was stored before there were ordered pairs gets the same rows as what is written now."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tandem.database.migrations.ordered_pairs import fill_ordered_pairs

_PAIRS = "SELECT key, param, low, high FROM search_date WHERE param < 0 ORDER BY key, param"


async def _filled(place: str) -> None:
    if place.startswith("sqlite"):
        with sa.create_engine(place).begin() as bind:
            fill_ordered_pairs(bind)
        return
    engine = create_async_engine(place.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as bound:
        await bound.run_sync(fill_ordered_pairs)
    await engine.dispose()


@pytest.mark.parametrize("most", [2, 5_000])
async def test_rows_of_old_tasks_are_those_of_new_ones(
    store: Any, place: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tandem.database.migrations.ordered_pairs._AT_ONCE", most)
    for number in range(5):
        owner = {"reference": f"Organization/o{number % 2}", "identifier": {"system": "urn:x", "value": "A"}}
        task = {"resourceType": "Task", "id": f"t{number}", "status": "requested", "intent": "order", "owner": owner}
        await store.put(task, updated=number)
    await store.put({"resourceType": "Task", "id": "without", "status": "requested", "intent": "order"})
    await store.put({"resourceType": "Slot", "id": "other", "status": "free", "start": "2020-01-01T09:00:00Z"})
    async with store.database.transaction() as connection:
        written = [tuple(row) for row in await connection.fetch(_PAIRS)]
        await connection.execute("DELETE FROM search_date WHERE param < 0")
    for _ in range(2):
        await _filled(place)
        async with store.database.read() as connection:
            assert [tuple(row) for row in await connection.fetch(_PAIRS)] == written
    assert len(written) == 10
