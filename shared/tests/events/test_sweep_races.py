"""A step through the log and the relay at once, on PostgreSQL: what is given a position meanwhile is not forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from tandem.events.lag import head
from tandem.events.sequencer import sequence
from tandem.retention.log_sweep import sweep_range
from tandem.retention.redaction import Traces

HER, KIND = "5643a7bf-4ceb-4401-b003-361c4440f93b", "tandem.clock.breached"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def swept(owner: Any) -> None:
    async with owner.database.transaction() as connection:
        await sweep_range(connection, Traces(HER, ()), 0)


async def test_the_head_of_a_kind_is_that_of_an_event_which_was_being_sequenced(
    concurrent_owner: Any, kit: Any
) -> None:
    owner = concurrent_owner
    await owner.write(replace(kit.fact("hers"), patient=HER))
    await owner.sequence()
    await owner.write(kit.fact("next"))
    relay = owner.lease()
    assert await relay.hold()
    async with owner.database.transaction() as connection:
        await relay.fence(connection)
        await sequence(connection, 500)
        step = asyncio.create_task(swept(owner))
        while not step.done() and not await owner.column(WAITS):
            await asyncio.sleep(0)
    await step
    async with owner.database.read() as connection:
        assert (await head(connection)).kinds == {KIND: 2}
