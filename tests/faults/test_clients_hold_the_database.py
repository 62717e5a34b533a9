"""Slow searches hold every connection that clients may: the process stays ready, leads, relays and answers services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tandem.database.connection import open_database
from tandem.database.pool_lanes import PoolLanes
from tandem.events.outbox import Entry, append
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.cohort_process import POOL, CohortProcess

SEARCH = "Organization?name=somebody"
_HELD_UP = """
ALTER TABLE search_string RENAME TO string_that_is_there;
CREATE FUNCTION held_up() RETURNS SETOF string_that_is_there LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN QUERY SELECT * FROM string_that_is_there; END';
CREATE VIEW search_string AS SELECT * FROM held_up();
"""
"""Searches wait for a lock. One on the table itself would be a transaction, and hold back the log."""
_STUCK = """
SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_PUBLISHED = """
SELECT 1 FROM cursor, event_position JOIN log ON log.id = event_position.log_id
WHERE cursor.name = 'relay' AND cursor.position >= event_position.position AND log.event_id = $1
"""


@pytest.fixture
async def cohorts(tmp_path: Path, postgresql_url: str, new_amqp_url: NewAmqpUrl) -> AsyncIterator[CohortProcess]:
    process = CohortProcess(tmp_path / "cohorts", postgresql_url, new_amqp_url())
    process.start()
    yield process
    process.process.stop()


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    while not await reached():
        await asyncio.sleep(0.05)


async def test_everything_but_clients_goes_on(cohorts: CohortProcess) -> None:
    aside = await asyncpg.connect(cohorts.database)
    watching = await asyncpg.connect(cohorts.database)
    async with httpx.AsyncClient(timeout=120) as http:
        client = cohorts.client(http)
        await aside.execute(_HELD_UP)
        await aside.execute("SELECT pg_advisory_lock(1)")
        searches = [asyncio.create_task(client.request("GET", SEARCH)) for _ in range(PoolLanes(POOL).clients)]

        async def all_held() -> bool:
            return await watching.fetchval(_STUCK) == len(searches)

        await until(all_held)
        one_more = asyncio.create_task(client.request("GET", SEARCH))
        await goes_on(cohorts, http, watching)
        refused = await one_more
        assert refused.status_code == 503, refused.text
        assert refused.headers["Retry-After"] == "2"
        assert await watching.fetchval(_STUCK) == len(searches), "they still hold what they held"
        await goes_on(cohorts, http, watching)
        await aside.execute("SELECT pg_advisory_unlock(1)")
        assert [answer.status_code for answer in await asyncio.gather(*searches)] == [200] * len(searches)
        assert (await client.request("GET", SEARCH)).status_code == 200
    await aside.close()
    await watching.close()


async def goes_on(cohorts: CohortProcess, http: httpx.AsyncClient, watching: Any) -> None:
    """Readiness, leases, relay and what another service asks."""
    ready = await http.get(f"{cohorts.process.url}/health/ready")
    assert ready.status_code == 200, ready.text
    answer = await cohorts.another_service(http).request("GET", "$events?service=cohort-service&after=0&_count=5")
    assert answer.status_code == 200, answer.text

    before = await watching.fetch("SELECT name, until FROM lease ORDER BY name")
    assert "relay" in [row["name"] for row in before]

    async def renewed() -> bool:
        now = dict(await watching.fetch("SELECT name, until FROM lease"))
        return all(now[row["name"]] > row["until"] for row in before if row["name"] in ("relay", "due"))

    await until(renewed)
    database = await open_database(cohorts.database, pool_size=1)
    async with database.transaction() as connection:
        name = f"written-aside-{uuid4()}"
        assert await append(connection, Entry(name, "tandem.clock.breached", 0, resource_id=name, body=b"{}"))
    await database.close()

    async def published() -> bool:
        return bool(await watching.fetchval(_PUBLISHED, name))

    await until(published)
