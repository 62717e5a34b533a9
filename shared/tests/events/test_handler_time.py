"""A handler that comes to no end is ended: its event has failed, and everything else goes on."""

from __future__ import annotations

import asyncio

from tandem.clock import SettableClock
from tandem.events.due import DueScanner, schedule
from tandem.events.retries import Retries
from tandem.service import Timer

SOON = 1.0


def ids(*events) -> list[str]:
    return [each.event.id for each in events]


async def test_events_beside_it_have_their_effect_and_it_is_tried_again(consumer, kit):
    inbox = consumer.inbox(seconds=SOON)
    first, hangs, last = kit.received(kit.change("1", 1)), kit.received(kit.change("2", 1)), kit.received(kit.fact("a"))
    consumer.ledger.hanging = {hangs.event.id}
    await inbox.receive([first, hangs, last])
    assert await consumer.effects() == ids(first, last)
    assert await consumer.parked() == {hangs.event.id: "retry"}
    assert await consumer.column("SELECT error FROM parked") == ["HandlerTimedOut"]
    assert consumer.ledger.calls.count(hangs.event.id) == 1, "it is not waited for a second time at once"


async def test_it_has_its_effect_once_it_comes_to_an_end(consumer, kit):
    inbox = consumer.inbox(seconds=SOON)
    hangs = kit.received(kit.change("1", 1))
    consumer.ledger.hanging = {hangs.event.id}
    await inbox.receive([hangs])
    consumer.ledger.hanging = set()
    consumer.now.add(10)
    assert await Retries(inbox).step() == 1
    assert await consumer.effects() == ids(hangs)
    assert await consumer.parked() == {}


async def test_one_that_always_hangs_is_given_up(consumer, kit):
    inbox = consumer.inbox(seconds=SOON, attempts=3)
    hangs, behind = kit.received(kit.change("1", 1)), kit.received(kit.change("1", 2))
    consumer.ledger.hanging = {hangs.event.id}
    await inbox.receive([hangs, behind])
    for _ in range(2):
        consumer.now.add(1000)
        await Retries(inbox).step()
    assert await consumer.parked() == {hangs.event.id: "dead", behind.event.id: "waiting"}
    assert await consumer.effects() == []


async def test_a_time_limit_of_its_own_is_a_failure_like_any_other(consumer, kit, monkeypatch):
    inbox = consumer.inbox(seconds=60.0)

    async def gives_up(event, work):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    monkeypatch.setattr(type(consumer.ledger), "__call__", lambda self, event, work: gives_up(event, work))
    await inbox.receive([kit.received(kit.change("1", 1))])
    assert await consumer.column("SELECT error FROM parked") == ["TimeoutError"]


async def test_a_timer_that_hangs_does_not_hold_up_the_next(consumer, kit):
    async def hang(event, work):
        await asyncio.Event().wait()

    clock = SettableClock(kit.start)
    timers = (Timer("test.hangs", hang), Timer("test.goes", consumer.ledger))
    scanner = DueScanner(
        consumer.database, consumer.name, clock, timers, lambda connection, event: kit.work(connection),
        consumer.lease("due"), seconds=SOON, now=consumer.now,
    )  # fmt: skip
    async with consumer.database.transaction() as connection:
        await schedule(connection, "test.hangs", "1", clock.now(), {})
        await schedule(connection, "test.goes", "2", clock.now(), {})
    assert await scanner.fire_due() == 2
    assert len(await consumer.effects()) == 1
    assert list((await consumer.parked()).values()) == ["retry"]
