"""An erasure beside what else takes leases and rows, on PostgreSQL: each waits for the other, and none in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.database.connection import Connection
from tandem.database.tables import declare_kernel_tables
from tandem.events import parking
from tandem.events.due import LEASE as TIMERS
from tandem.events.due import schedule
from tandem.events.lease import hold_off
from tandem.events.relay import LEASE as RELAY
from tandem.fhir.store import hold
from tandem.retention.erasing import erase
from tandem.retention.log_sweep import sweep_range
from tandem.retention.redaction import Traces

HER, OTHER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0c1d9a52-8f0e-4a55-9a4f-1f2f5f0c7d11"
TASK = "0b7e4e0a-6f1c-4f44-9d6e-3f0a4a1f7c11"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def node(concurrent_owner: Any) -> Any:
    """Her Task, a timer of it, and leases in an order in which nobody should take them."""
    async with concurrent_owner.database.transaction() as connection:
        for name in (RELAY, "follow:lists", TIMERS):
            await connection.execute("INSERT INTO lease (name, holder, until) VALUES ($1, 'one', 0)", name)
        await connection.execute(
            "INSERT INTO resource (type, id, version, updated, log_id, patient) VALUES ('Task', $1, 1, 0, 0, $2)",
            TASK, HER,
        )  # fmt: skip
    return concurrent_owner


async def erasing(node: Any) -> None:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    service: Any = SimpleNamespace(metadata=metadata, erases={})
    async with node.database.transaction() as connection:
        await erase(connection, service, HER)


async def beside(
    node: Any, first: Callable[[Connection], Awaitable[object]], then: Callable[[Connection], Awaitable[object]]
) -> None:
    """One transaction does the first, then an erasure comes and waits, then it does the other: both have to commit."""
    async with node.database.transaction() as connection:
        await first(connection)
        erasure = asyncio.create_task(erasing(node))
        while not erasure.done() and not await node.column(WAITS):
            await asyncio.sleep(0)
        await then(connection)
    await erasure
    assert await node.column("SELECT id FROM resource") == []


async def test_a_step_through_the_log_of_somebody_else(node: Any, kit: Any) -> None:
    await node.write(replace(kit.fact("a"), patient=OTHER))
    await beside(
        node, lambda connection: hold_off(connection, TIMERS),
        lambda connection: sweep_range(connection, Traces(OTHER, ()), 0),
    )  # fmt: skip
    assert await node.column("SELECT id FROM log") == []


async def test_a_retry_that_holds_a_follower_off(node: Any, kit: Any) -> None:
    event = kit.received(replace(kit.fact("a"), patient=HER))
    async with node.database.transaction() as connection:
        await parking.park(connection, node.name, event, "retry", attempts=1, next_at=0, at=0)
    async with node.database.read() as connection:
        [row] = await parking.due_retries(connection, node.name, 1, 10)
    await beside(
        node, lambda connection: parking.take_back(connection, row),
        lambda connection: hold_off(connection, "follow:lists"),
    )  # fmt: skip


async def test_a_write_that_moves_a_timer(node: Any, kit: Any) -> None:
    async def move(connection: Connection) -> None:
        await schedule(connection, "tandem.tried.due", TASK, kit.start, {})

    async with node.database.transaction() as connection:
        await move(connection)
    await beside(node, lambda connection: hold(connection, [("Task", TASK)]), move)
    assert await node.column("SELECT key FROM due") == []
