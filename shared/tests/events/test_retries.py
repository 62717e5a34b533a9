from __future__ import annotations

from tandem.events.dead_letters import list_dead_letters, replay
from tandem.events.retries import Retries


async def fail_for_good(consumer, inbox) -> None:
    for _ in range(20):
        consumer.now.add(3600)
        await Retries(inbox).step()


async def test_a_retry_comes_when_it_is_due_and_not_before(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", 1))])
    consumer.ledger.broken.clear()
    assert await Retries(inbox).step() == 0
    consumer.now.add(1)
    assert await Retries(inbox).step() == 1
    assert await consumer.effects() == ["Task-1-1"]
    assert await consumer.parked() == {}


async def test_waits_grow_and_the_eighth_failure_is_the_last(consumer, kit):
    inbox, waits = consumer.inbox(), []
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", 1))])
    while await consumer.parked() == {"Task-1-1": "retry"}:
        [next_at] = await consumer.column("SELECT next_at FROM parked")
        waits.append((next_at - consumer.now()) / 1_000_000)
        consumer.now.micros = next_at
        await Retries(inbox).step()
    assert await consumer.parked() == {"Task-1-1": "dead"}
    assert len(waits) == 7
    for number, wait in enumerate(waits):
        assert 2**number / 2 <= wait <= 2**number
    await fail_for_good(consumer, inbox)
    assert await consumer.column("SELECT attempts FROM parked") == [8]


async def test_success_lets_go_what_waited(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", number)) for number in (1, 2, 3)])
    consumer.ledger.broken.clear()
    consumer.now.add(2)
    await Retries(inbox).step()
    assert await consumer.effects() == ["Task-1-1", "Task-1-2", "Task-1-3"]
    assert await consumer.parked() == {}


async def test_dead_letters_are_listed_without_content_and_replayed(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken |= {"Task-1-1", "tandem.clock.breached-a"}
    await inbox.receive([kit.received(entry) for entry in (kit.change("1", 1), kit.change("1", 2), kit.fact("a"))])
    await fail_for_good(consumer, inbox)
    letters = await list_dead_letters(consumer.database)
    assert [(letter.kind, letter.source, letter.attempts, letter.error) for letter in letters] == [
        ("fhir.Task.create", "mdt-service", 8, "RuntimeError"),
        ("tandem.clock.breached", "mdt-service", 8, "RuntimeError"),
    ]
    consumer.ledger.broken.clear()
    assert await replay(consumer.database, [letters[0].id], now=consumer.now) == 1
    await Retries(inbox).step()
    assert await consumer.effects() == ["Task-1-1", "Task-1-2"]
    assert await replay(consumer.database, [], now=consumer.now) == 0
    assert await replay(consumer.database, now=consumer.now) == 1
    await Retries(inbox).step()
    assert await consumer.effects() == ["Task-1-1", "Task-1-2", "tandem.clock.breached-a"]
    assert await list_dead_letters(consumer.database) == []


async def test_a_gap_that_stays_is_asked_for_at_the_owner(owner, consumer, kit):
    await owner.write(*(kit.change("1", number) for number in (1, 2, 3, 4)))
    await owner.sequence()
    asked = []

    async def fetch_missing(source, resource_type, resource_id, after, before):
        asked.append((source, resource_type, resource_id, after, before))
        from tandem.events.log import log_versions

        async with owner.database.read() as connection:
            return await log_versions(connection, owner.name, resource_type, resource_id, after, before)

    inbox = consumer.inbox(gap=30)
    await inbox.receive([kit.received(kit.change("1", 1)), kit.received(kit.change("1", 4))])
    retries = Retries(inbox, fetch_missing=fetch_missing)
    consumer.now.add(29)
    assert await retries.step() == 0
    consumer.now.add(1)
    assert await retries.step() == 1
    assert asked == [("mdt-service", "Task", "1", 1, 4)]
    assert await consumer.effects() == ["Task-1-1", "Task-1-2", "Task-1-3", "Task-1-4"]


async def test_an_owner_that_does_not_answer_is_asked_again_later(consumer, kit):
    asked = 0

    async def fetch_missing(*_):
        nonlocal asked
        asked += 1
        raise OSError

    inbox = consumer.inbox(gap=30)
    await inbox.receive([kit.received(kit.change("1", 2))])
    retries = Retries(inbox, fetch_missing=fetch_missing)
    for seconds, expected in ((30, 1), (29, 1), (1, 2)):
        consumer.now.add(seconds)
        await retries.step()
        assert asked == expected
    assert await consumer.parked() == {"Task-1-2": "waiting"}


async def test_nobody_is_asked_for_a_version_that_is_parked_here(consumer, kit):
    async def fetch_missing(*_):
        raise AssertionError("the missing version is here")

    inbox = consumer.inbox(gap=30)
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", number)) for number in (1, 2, 3)])
    await fail_for_good(consumer, inbox)
    consumer.now.add(60)
    assert await Retries(inbox, fetch_missing=fetch_missing).step() == 0
