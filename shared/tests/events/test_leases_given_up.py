"""A lease that was given up just before is held off too, on PostgreSQL: nobody takes it before the transaction ends."""

from __future__ import annotations

import asyncio
from typing import Any

from tandem.events.due import LEASE as TIMERS
from tandem.events.relay import LEASE as RELAY
from tandem.retention.holding_off import hold_others_off

HER = "5643a7bf-4ceb-4401-b003-361c4440f93b"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def test_who_would_take_it_waits_for_an_erasure(concurrent_owner: Any) -> None:
    for name in (TIMERS, RELAY):
        former, successor = (concurrent_owner.lease(name, holder) for holder in ("one", "two"))
        assert await former.hold()
        await former.release()
        async with concurrent_owner.database.transaction() as connection:
            await hold_others_off(connection, HER)
            taking = asyncio.create_task(successor.hold())
            while not taking.done() and not await concurrent_owner.column(WAITS):
                await asyncio.sleep(0)
            assert not taking.done()
        assert await taking
        assert await concurrent_owner.column("SELECT holder FROM lease WHERE name = $1", name) == ["two"]
        await successor.release()
