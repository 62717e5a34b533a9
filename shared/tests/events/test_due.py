from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.clock import SettableClock
from tandem.events.due import DueScanner, next_due, schedule, unschedule
from tandem.events.retries import Retries
from tandem.service import Timer


@pytest.fixture
def clock(kit):
    return SettableClock(kit.start)


def timers(node):
    return [Timer("tandem.clock.breached", node.ledger)]


@pytest.fixture
def scanner(owner, clock, kit):
    work = kit.work
    return DueScanner(
        owner.database, owner.name, clock, timers(owner), lambda connection, event: work(connection),
        owner.lease("due"), now=owner.now,
    )  # fmt: skip


async def put(node, key, at, kind="tandem.clock.breached") -> None:
    async with node.database.transaction() as connection:
        await schedule(connection, kind, key, at, {"step": 1})


async def fired(node) -> list[str]:
    return await node.column("SELECT key FROM due WHERE fired_at IS NOT NULL ORDER BY at, key")


async def test_nothing_fires_before_its_time_and_all_in_order_after_it(owner, scanner, clock):
    for key, days in (("later", 3), ("first", 1), ("second", 2)):
        await put(owner, key, clock.now() + timedelta(days=days))
    assert await scanner.fire_due() == 0
    clock.set(clock.now() + timedelta(days=2))
    assert await scanner.fire_due() == 2
    assert await fired(owner) == ["first", "second"]
    assert len(await owner.effects()) == 2
    assert await scanner.fire_due() == 0


async def test_the_order_is_that_of_their_times(owner, scanner, clock):
    seen = []

    async def note(event, work):
        seen.append(event.subject)

    scanner._timers["tandem.clock.breached"] = Timer("tandem.clock.breached", note)
    for key, minutes in (("c", 3), ("a", 1), ("b", 2)):
        await put(owner, key, clock.now() + timedelta(minutes=minutes))
    clock.set(clock.now() + timedelta(hours=1))
    await scanner.fire_due()
    assert seen == ["a", "b", "c"]


async def test_what_is_scheduled_again_before_it_fires_moves(owner, scanner, clock):
    await put(owner, "k", clock.now() + timedelta(days=1))
    await put(owner, "k", clock.now() + timedelta(days=5))
    clock.set(clock.now() + timedelta(days=2))
    assert await scanner.fire_due() == 0
    clock.set(clock.now() + timedelta(days=3))
    assert await scanner.fire_due() == 1


async def test_once_fired_the_same_time_never_fires_again_but_another_does(owner, scanner, clock):
    at = clock.now() + timedelta(days=1)
    await put(owner, "k", at)
    clock.set(at)
    assert await scanner.fire_due() == 1
    await put(owner, "k", at)
    assert await scanner.fire_due() == 0
    await put(owner, "k", at - timedelta(hours=1))
    assert await scanner.fire_due() == 1


async def test_taken_back_it_does_not_fire(owner, scanner, clock):
    await put(owner, "k", clock.now())
    async with owner.database.transaction() as connection:
        await unschedule(connection, "tandem.clock.breached", "k")
    assert await scanner.fire_due() == 0


async def test_a_handler_may_schedule_what_is_due_already(owner, scanner, clock, kit):
    seen = []

    async def chase(event, work):
        seen.append(event.subject)
        if event.subject == "1":
            await schedule(work.connection, event.kind, "2", event.time + timedelta(days=1), {})

    scanner._timers["tandem.clock.breached"] = Timer("tandem.clock.breached", chase)
    await put(owner, "1", clock.now() + timedelta(days=1))
    await put(owner, "3", clock.now() + timedelta(days=3))
    clock.set(clock.now() + timedelta(days=30))
    assert await scanner.fire_due() == 3
    assert seen == ["1", "2", "3"]


async def test_a_failing_timer_is_parked_blocks_nobody_and_is_retried(owner, scanner, clock):
    await put(owner, "bad", clock.now(), kind="tandem.clock.breached")
    owner.ledger.broken.add("tandem.clock.breached")
    assert await scanner.fire_due() == 1
    owner.ledger.broken.clear()
    await put(owner, "good", clock.now())
    assert await scanner.fire_due() == 1
    assert len(await owner.effects()) == 1
    owner.now.add(60)
    inbox = owner.inbox("tandem.other.kind", timers=timers(owner))
    assert await Retries(inbox).step() == 1
    assert len(await owner.effects()) == 2
    assert await owner.parked() == {}


async def test_a_kind_without_timer_becomes_a_dead_letter_in_sight(owner, scanner, clock):
    await put(owner, "k", clock.now(), kind="tandem.unknown.kind")
    assert await scanner.fire_due() == 1
    assert await owner.column("SELECT error FROM parked") == ["NoTimer"]
    owner.now.add(60)
    assert await Retries(owner.inbox("tandem.other.kind", timers=timers(owner))).step() == 1
    assert await owner.column("SELECT error FROM parked") == ["NoTimer"]


async def test_a_timed_event_of_a_newer_release_waits_for_a_process_of_it(owner, scanner, clock):
    await put(owner, "k", clock.now(), kind="tandem.newer.kind")
    await scanner.fire_due()
    owner.now.add(60)
    await Retries(owner.inbox("tandem.other.kind", timers=timers(owner))).step()
    owner.now.add(60)
    newer = Timer("tandem.newer.kind", timers(owner)[0].handler)
    assert await Retries(owner.inbox("tandem.other.kind", timers=(newer,))).step() == 1
    assert await owner.parked() == {}
    assert len(await owner.effects()) == 1


async def test_two_scanners_fire_it_once(owner, scanner, clock, kit):
    other = DueScanner(
        owner.database, owner.name, clock, timers(owner), lambda connection, event: kit.work(connection),
        owner.lease("due", holder="two"), now=owner.now,
    )  # fmt: skip
    await put(owner, "k", clock.now())
    assert await scanner.fire_due() + await other.fire_due() == 1
    owner.now.add(15.1)
    assert await other.fire_due() == 0


async def test_the_next_time_is_known(owner, clock):
    async with owner.database.read() as connection:
        assert await next_due(connection) is None
    await put(owner, "b", clock.now() + timedelta(hours=2))
    await put(owner, "a", clock.now() + timedelta(hours=1))
    async with owner.database.read() as connection:
        assert await next_due(connection) == clock.now() + timedelta(hours=1)
