from __future__ import annotations

import asyncio

import pytest

from tandem.database.connection import DatabaseUnavailable
from tandem.events.outbox import append
from tandem.events.relay import Round
from tandem.events.transport import TransportUnavailable
from tandem.events.wakeup import Waker


class Signals(Waker):
    """A waker that tells when the loop rests, and never lets it rest for long by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.resting = asyncio.Event()
        self.pauses: list[float] = []

    async def wait(self, seconds: float) -> bool:
        self.resting.set()
        # The time of the test does not pass: only a ring ends the wait.
        await self._rung.wait()
        self._rung.clear()
        self.resting.clear()
        return True

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


async def test_what_was_committed_is_published_in_order(owner, kit):
    transport = kit.flaky_transport()
    relay = owner.relay(transport, window=2)
    await owner.write(*(kit.change(str(number), 1) for number in range(5)))
    assert [await relay.round() for _ in range(5)] == [Round.PROGRESS] * 3 + [Round.IDLE] + [Round.IDLE]
    assert transport.published == [1, 2, 3, 4, 5]


async def test_nothing_is_published_twice_without_a_fault(owner, kit):
    transport = kit.flaky_transport()
    await owner.write(kit.change("1", 1))
    assert await owner.relay(transport).round() is Round.PROGRESS
    assert await owner.relay(transport).round() is Round.IDLE
    assert transport.published == [1]


async def test_a_crash_between_publish_and_cursor_publishes_again(owner, kit):
    transport = kit.flaky_transport()
    transport.fail_after = 1
    await owner.write(kit.change("1", 1), kit.change("2", 1))
    with pytest.raises(TransportUnavailable):
        await owner.relay(transport).round()
    await owner.relay(transport).round()
    assert transport.published == [1, 2, 1, 2]


async def test_only_the_holder_of_the_lease_relays(owner, kit):
    transport = kit.flaky_transport()
    first = owner.relay(transport, lease=owner.lease(holder="one"))
    second = owner.relay(transport, lease=owner.lease(holder="two"))
    await owner.write(kit.change("1", 1))
    assert await first.round() is Round.PROGRESS
    await owner.write(kit.change("2", 1))
    assert await second.round() is Round.STANDBY
    owner.now.add(15.1)
    assert await second.round() is Round.PROGRESS
    assert await first.round() is Round.STANDBY
    assert transport.published == [1, 2]


async def test_held_back_events_are_not_mistaken_for_none(concurrent_owner, kit):
    owner, transport = concurrent_owner, kit.flaky_transport()
    relay = owner.relay(transport)
    async with owner.database.transaction() as early:
        await append(early, kit.change("1", 1))
        await owner.write(kit.change("2", 1))
        assert await relay.round() is Round.HELD_BACK
    assert await relay.round() is Round.PROGRESS
    assert transport.published == [1, 2]


async def test_a_commit_wakes_the_relay(owner, kit, background):
    transport, signals = kit.flaky_transport(), Signals()
    relay = owner.relay(transport, waker=signals)
    background(relay.run())
    await signals.resting.wait()
    for number in range(3):
        async with owner.database.transaction() as connection:
            await append(connection, kit.change(str(number), 1))
            connection.after_commit(relay.wake)
        while len(transport.published) <= number:
            await asyncio.sleep(0)
    assert transport.published == [1, 2, 3]


async def test_publishing_resumes_by_itself_after_the_broker_was_away(owner, kit, background):
    transport, signals = kit.flaky_transport(), Signals()
    transport.fail_before = 6
    await owner.write(kit.change("1", 1))
    background(owner.relay(transport, waker=signals).run())
    await signals.resting.wait()
    assert transport.published == [1]
    assert len(signals.pauses) == 6
    assert signals.pauses[0] <= 0.1
    assert signals.pauses[5] > signals.pauses[0]


async def test_the_relay_outlives_a_lost_database(owner, kit, background):
    transport, signals, lease = kit.flaky_transport(), Signals(), owner.lease()
    lost = 2
    hold = lease.hold

    async def hold_or_fail() -> bool:
        nonlocal lost
        if lost:
            lost -= 1
            raise DatabaseUnavailable("gone")
        return await hold()

    lease.hold = hold_or_fail
    await owner.write(kit.change("1", 1))
    background(owner.relay(transport, waker=signals, lease=lease).run())
    await signals.resting.wait()
    assert transport.published == [1]
    assert len(signals.pauses) == 2


async def test_a_write_in_another_process_wakes_the_one_that_relays(concurrent_owner, kit, background):
    owner, transport = concurrent_owner, kit.flaky_transport()
    leading, standing_by = Signals(), Signals()
    leader = owner.relay(transport, lease=owner.lease(holder="one"), waker=leading)
    follower = owner.relay(transport, lease=owner.lease(holder="two"), waker=standing_by)
    background(leader.run())
    await leading.resting.wait()
    # Beginning to listen rings once: let that pass, so that only the notice can be what rings next.
    while leading._rung.is_set():
        await asyncio.sleep(0)
    background(follower.run())
    await standing_by.resting.wait()
    await owner.write(kit.change("1", 1))
    follower.wake()
    while not transport.published:
        await asyncio.sleep(0)
    assert transport.published == [1]
    assert len(standing_by.pauses) == 1
