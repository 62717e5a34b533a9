"""Pruning takes away nothing that anybody could still miss: whatever comes again afterwards has no second effect."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from tandem.clock import SystemClock
from tandem.events.catch_up import CatchUp
from tandem.events.envelope import received
from tandem.retention.pruning import DAY, Keeping, Pruning

KINDS = ("fhir.Task.*", "tandem.clock.breached")
AGE = 31 * DAY / 1_000_000


def pruning(node: Any, inbox: Any, *, step: int = 3, window: int = 0) -> Pruning:
    return Pruning(
        node.database, node.name, inbox.kinds, Keeping(), node.lease("pruning"), SystemClock(), now=node.now,
        step=step, window=window,
    )  # fmt: skip


def source(owner: Any, inbox: Any) -> CatchUp:
    async def fetch(after: int, limit: int) -> list[bytes]:
        return await owner.pages(after, limit, inbox.kinds)

    return CatchUp(owner.name, fetch, inbox, page=3)


async def log_of(owner: Any, kit: Any, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        await owner.write(kit.change(str(number), 1), kit.fact(str(number)), kit.change(str(number), 2))
    await owner.sequence()


async def held(node: Any) -> int:
    [number] = await node.column("SELECT COUNT(*) FROM inbox")
    return int(number)


async def test_what_is_old_goes_and_has_no_second_effect(owner: Any, consumer: Any, kit: Any) -> None:
    await log_of(owner, kit, 5)
    inbox = consumer.inbox()
    await source(owner, inbox).run()
    before = await consumer.effects(), await consumer.latest()
    assert (await pruning(consumer, inbox).turn())["inbox"] == 0
    consumer.now.add(AGE)
    assert (await pruning(consumer, inbox).turn())["inbox"] == 15
    assert await held(consumer) == 0
    for envelope in await owner.page():
        await consumer.inbox().receive(received(envelope))
    assert (await consumer.effects(), await consumer.latest()) == before


async def test_a_consumer_that_listens_to_more_reads_all_and_repeats_nothing(
    owner: Any, consumer: Any, kit: Any
) -> None:
    await log_of(owner, kit, 4)
    facts = consumer.inbox("tandem.clock.breached")
    await source(owner, facts).run()
    consumer.now.add(AGE)
    await pruning(consumer, facts).turn()
    await source(owner, consumer.inbox()).run()
    assert Counter(await consumer.effects()).most_common(1)[0][1] == 1
    assert len(await consumer.effects()) == 12


async def test_nothing_is_said_to_be_taken_of_a_log_that_was_not_read_for_these_kinds(
    owner: Any, consumer: Any, kit: Any
) -> None:
    await log_of(owner, kit, 4)
    tasks, both = consumer.inbox("fhir.Task.*"), consumer.inbox()
    await source(owner, tasks).run()
    # The queue brings the last fact before the log was read for facts: those before it are still to come.
    *_, last = [each for envelope in await owner.page() for each in received(envelope) if each.event.version is None]
    await both.receive([last])
    consumer.now.add(AGE)
    await pruning(consumer, both).turn()
    await source(owner, both).run()
    assert sum(each.startswith("tandem.") for each in await consumer.effects()) == 4


async def test_a_fact_that_failed_is_tried_again_however_old(owner: Any, consumer: Any, kit: Any) -> None:
    await log_of(owner, kit, 3)
    consumer.ledger.broken.add("tandem.clock.breached-1")
    inbox = consumer.inbox()
    await source(owner, inbox).run()
    consumer.now.add(AGE)
    await pruning(consumer, inbox).turn()
    consumer.ledger.broken.clear()
    async with consumer.database.read() as connection:
        [row] = await connection.fetch("SELECT * FROM parked")
    await inbox.retry(row)
    assert len(await consumer.effects()) == 9
    assert await consumer.parked() == {}


async def test_one_process_prunes(owner: Any, consumer: Any, kit: Any) -> None:
    await log_of(owner, kit, 2)
    inbox = consumer.inbox()
    await source(owner, inbox).run()
    consumer.now.add(AGE)
    other = consumer.lease("pruning", holder="another")
    assert await other.hold()
    assert (await pruning(consumer, inbox).turn())["inbox"] == 0
    assert await held(consumer) == 6


@pytest.mark.parametrize("seed", range(6))
async def test_pruning_at_any_moment_keeps_every_effect_exactly_once(
    owner: Any, consumer: Any, kit: Any, seed: int
) -> None:
    chance = random.Random(seed)
    inbox, written, brought = consumer.inbox(), 0, 0
    for _ in range(25):
        act = chance.choice(("write", "queue", "queue", "catch-up", "lose the flow", "prune", "prune", "restart"))
        if act == "write":
            await log_of(owner, kit, 3, first=written)
            written += 3
        elif act == "queue":
            # In the order of the log, and any of what was there before once more.
            given = [each for envelope in await owner.page() for each in received(envelope)]
            again = chance.choices(given[:brought], k=3) if brought else []
            await inbox.receive([*again, *given[brought : brought + 5]])
            brought = min(3 * written, brought + 5)
        elif act == "catch-up":
            await source(owner, inbox).run()
        elif act == "lose the flow":
            inbox.interrupted()
            brought = min(3 * written, brought + chance.randrange(5))
        elif act == "prune":
            consumer.now.add(AGE)
            await pruning(consumer, inbox, step=chance.choice((1, 4, 100))).turn()
        else:
            inbox = consumer.inbox()
            brought = min(3 * written, brought + chance.randrange(5))
    await source(owner, inbox).run()
    expected = {each.event.id for envelope in await owner.page() for each in received(envelope)}
    found = Counter(await consumer.effects())
    assert set(found) == expected
    assert set(found.values()) <= {1}
    assert await consumer.parked() == {}
    assert set((await consumer.latest()).values()) <= {"2"}
