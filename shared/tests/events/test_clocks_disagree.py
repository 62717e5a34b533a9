"""Clocks of two processes that disagree, real and domain: never two at once, and each timed event once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.clock import SettableClock
from tandem.events.due import DueScanner, schedule
from tandem.events.lease import Lease, LeaseLost
from tandem.service import Timer

HOUR = 3600 * 1_000_000


@pytest.mark.parametrize("ahead", [-HOUR, 7_000_000, HOUR])
async def test_of_two_holders_the_fence_lets_one_commit(owner, ahead):
    slow = Lease(owner.database, "relay", holder="one", now=owner.now)
    fast = Lease(owner.database, "relay", holder="two", now=lambda: owner.now() + ahead)
    assert await slow.hold()
    taken = await fast.hold()
    committed = []
    for lease in (slow, fast):
        try:
            async with owner.database.transaction() as connection:
                await lease.fence(connection)
            committed.append(lease.holder)
        except LeaseLost:
            continue
    assert committed == ["two" if taken else "one"]


async def test_a_timed_event_fires_once_whichever_clock_is_ahead(owner, kit):
    early, late = SettableClock(kit.start), SettableClock(kit.start + timedelta(hours=1))
    scanners = [
        DueScanner(
            owner.database, owner.name, clock, [Timer("test.due", owner.ledger)],
            lambda connection, event: kit.work(connection), owner.lease("due", holder), now=owner.now,
        )
        for holder, clock in (("early", early), ("late", late))
    ]  # fmt: skip
    async with owner.database.transaction() as connection:
        await schedule(connection, "test.due", "1", kit.start + timedelta(minutes=30), {})
    assert await scanners[0].fire_due() == 0
    owner.now.add(60)
    assert await scanners[1].fire_due() == 1
    owner.now.add(60)
    early.set(kit.start + timedelta(hours=2))
    assert await scanners[0].fire_due() == 0
    assert len(await owner.effects()) == 1
