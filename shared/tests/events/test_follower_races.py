"""A retry and the follower at work on one record at once, on PostgreSQL: the later state stays."""

from __future__ import annotations

import asyncio

from tandem.events.follower import LogFollower
from tandem.events.follower_cursor import cursor_name
from tandem.events.retries import Retries
from tandem.service import Follower

KEEP = (
    "INSERT INTO latest (subject, value) VALUES ('Task/a', $1)"
    " ON CONFLICT (subject) DO UPDATE SET value = excluded.value"
)
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def test_a_retry_that_read_an_older_state_cannot_overwrite_a_newer_one(concurrent_owner, kit):
    owner, read, go_on = concurrent_owner, asyncio.Event(), asyncio.Event()
    broken, held = True, False

    async def keep(changed, work):
        if broken:
            raise RuntimeError
        value = await work.connection.fetchval("SELECT MAX(version) FROM log WHERE type = 'Task'")
        read.set()
        if held:
            await go_on.wait()
        await work.connection.execute(KEEP, str(value))

    follower = LogFollower(
        owner.database, owner.name, Follower("ledger", ("fhir.Task.*",), keep), kit.work,
        owner.lease(cursor_name("ledger")), now=owner.now,
    )  # fmt: skip
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    await follower.turn()
    broken, held = False, True
    owner.now.add(2)
    retry = asyncio.create_task(Retries(owner.inbox("fhir.Patient.*", timers=[follower.timer])).step())
    await read.wait()

    held = False
    await owner.write(kit.change("a", 2))
    # The sequencer gives no position while the retry's transaction is open, so the follower is given it by hand.
    async with owner.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO event_position (position, log_id) SELECT 2, id FROM log WHERE version = 2"
        )
    turn = asyncio.create_task(follower.turn())
    while not turn.done() and not await owner.column(WAITS):
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(retry, turn)
    assert await owner.latest() == {"Task/a": "2"}
