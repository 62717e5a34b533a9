from __future__ import annotations

import asyncio

import pytest

from tandem.events.lease import LeaseLost


async def test_one_holder_at_a_time(owner):
    first, second = owner.lease(holder="one"), owner.lease(holder="two")
    assert await first.hold()
    assert not await second.hold()


async def test_of_many_that_ask_at_once_one_gets_it(owner):
    leases = [owner.lease(holder=str(number)) for number in range(8)]
    assert sum(await asyncio.gather(*(lease.hold() for lease in leases))) == 1


async def test_a_lease_that_was_not_renewed_passes_on(owner):
    first, second = owner.lease(holder="one"), owner.lease(holder="two")
    await first.hold()
    owner.now.add(15.1)
    assert await second.hold()
    assert not await first.hold()


async def test_a_renewed_lease_does_not_pass_on(owner):
    first, second = owner.lease(holder="one"), owner.lease(holder="two")
    for _ in range(5):
        assert await first.hold()
        owner.now.add(8)
        assert not await second.hold()


async def test_a_released_lease_passes_on_at_once(owner):
    first, second = owner.lease(holder="one"), owner.lease(holder="two")
    await first.hold()
    await first.release()
    assert await second.hold()


async def test_the_fence_stops_who_was_succeeded(owner):
    first, second = owner.lease(holder="one"), owner.lease(holder="two")
    await first.hold()
    owner.now.add(15.1)
    await second.hold()
    with pytest.raises(LeaseLost):
        async with owner.database.transaction() as connection:
            await first.fence(connection)
    async with owner.database.transaction() as connection:
        await second.fence(connection)


async def test_names_are_apart(owner):
    assert await owner.lease("relay", "one").hold()
    assert await owner.lease("due", "two").hold()
