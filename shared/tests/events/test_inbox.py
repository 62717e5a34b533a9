from __future__ import annotations

import asyncio

import pytest

from tandem.database.connection import DatabaseUnavailable


def ids(*events) -> list[str]:
    return [each.event.id for each in events]


async def test_events_are_applied_in_order(consumer, kit):
    events = [kit.received(kit.change("1", 1)), kit.received(kit.fact("a")), kit.received(kit.change("1", 2))]
    await consumer.inbox().receive(events)
    assert await consumer.effects() == ids(*events)
    assert await consumer.parked() == {}


async def test_a_duplicate_has_no_effect(consumer, kit):
    inbox = consumer.inbox()
    events = [kit.received(kit.change("1", 1)), kit.received(kit.fact("a"))]
    await inbox.receive(events + events)
    await inbox.receive(events)
    await consumer.inbox().receive(events)
    assert await consumer.effects() == ids(*events)


async def test_an_older_version_never_overwrites_a_newer(consumer, kit):
    inbox = consumer.inbox()
    await inbox.receive([kit.received(kit.change("1", number)) for number in (1, 2, 3)])
    await inbox.receive([kit.received(kit.change("1", 2))])
    assert await consumer.latest() == {"Task/1": "3"}


async def test_an_early_version_waits_until_the_gap_is_filled(consumer, kit):
    inbox = consumer.inbox()
    await inbox.receive([kit.received(kit.change("1", 1))])
    await inbox.receive([kit.received(kit.change("1", 4)), kit.received(kit.change("1", 3))])
    assert await consumer.effects() == ["Task-1-1"]
    assert await consumer.parked() == {"Task-1-3": "waiting", "Task-1-4": "waiting"}
    await inbox.receive([kit.received(kit.change("1", 2))])
    assert await consumer.effects() == ["Task-1-1", "Task-1-2", "Task-1-3", "Task-1-4"]
    assert await consumer.parked() == {}


async def test_a_first_version_that_is_missing_is_a_gap_too(consumer, kit):
    inbox = consumer.inbox()
    await inbox.receive([kit.received(kit.change("1", 2))])
    assert await consumer.parked() == {"Task-1-2": "waiting"}
    await inbox.receive([kit.received(kit.change("1", 1))])
    assert await consumer.effects() == ["Task-1-1", "Task-1-2"]


async def test_a_gap_holds_up_its_own_resource_only(consumer, kit):
    await consumer.inbox().receive([kit.received(kit.change("1", 2)), kit.received(kit.change("2", 1))])
    assert await consumer.effects() == ["Task-2-1"]


async def test_a_parked_event_that_comes_again_is_not_applied_beside_it(consumer, kit):
    inbox = consumer.inbox()
    consumer.ledger.broken.add("tandem.clock.breached-a")
    await inbox.receive([kit.received(kit.fact("a"))])
    consumer.ledger.broken.clear()
    await inbox.receive([kit.received(kit.fact("a"))])
    assert await consumer.effects() == []
    assert await consumer.parked() == {"tandem.clock.breached-a": "retry"}


async def test_a_failing_handler_leaves_nothing_and_blocks_nobody(consumer, kit):
    consumer.ledger.broken.add("Task-2-1")
    events = [kit.received(kit.change(name, 1)) for name in "123"]
    await consumer.inbox().receive(events)
    assert await consumer.effects() == ["Task-1-1", "Task-3-1"]
    assert await consumer.parked() == {"Task-2-1": "retry"}


async def test_later_versions_wait_for_the_one_that_failed(consumer, kit):
    consumer.ledger.broken.add("Task-1-2")
    await consumer.inbox().receive([kit.received(kit.change("1", number)) for number in (1, 2, 3)])
    assert await consumer.effects() == ["Task-1-1"]
    assert await consumer.parked() == {"Task-1-2": "retry", "Task-1-3": "waiting"}


async def test_what_is_kept_of_a_failure_says_nothing_of_a_person(consumer, kit, caplog):
    consumer.ledger.broken.add("Task-1-1")
    with caplog.at_level("DEBUG"):
        await consumer.inbox().receive([kit.received(kit.change("1", 1))])
    assert await consumer.column("SELECT error FROM parked") == ["RuntimeError"]
    assert "RuntimeError" in caplog.text
    assert "999" not in caplog.text


async def test_a_lost_database_is_no_failure_of_the_event(consumer, kit):
    inbox, events = consumer.inbox(), [kit.received(kit.change("1", 1))]

    async def lose(event, work):
        raise DatabaseUnavailable("gone")

    broken = consumer.inbox()
    broken._transaction.handlers._found["fhir.Task.create"] = (lose,)
    with pytest.raises(DatabaseUnavailable):
        await broken.receive(events)
    assert await consumer.parked() == {}
    await inbox.receive(events)
    assert await consumer.effects() == ["Task-1-1"]


async def test_versions_nobody_handles_count_all_the_same(consumer, kit):
    inbox = consumer.inbox("fhir.Task.update")
    assert inbox.kinds == ("fhir.Task.*",)
    await inbox.receive([kit.received(kit.change("1", 1)), kit.received(kit.change("1", 2))])
    assert await consumer.effects() == ["Task-1-2"]


async def test_a_delete_is_a_version(consumer, kit):
    await consumer.inbox().receive([kit.received(kit.change("1", 1)), kit.received(kit.change("1", 2, deleted=True))])
    assert await consumer.latest() == {"Task/1": "gone"}


async def test_two_processes_given_the_same_events_apply_them_once(consumer, kit):
    events = [kit.received(kit.change(str(name), version)) for version in (1, 2) for name in range(10)]
    one, two = consumer.inbox(), consumer.inbox()
    await asyncio.gather(one.receive(events), two.receive(list(reversed(events))))
    from tandem.events.retries import Retries

    while await Retries(one).step():
        consumer.now.add(1000)
    assert sorted(await consumer.effects()) == sorted(ids(*events))
    assert await consumer.latest() == {f"Task/{name}": "2" for name in range(10)}


async def test_the_cursor_moves_only_while_the_flow_is_unbroken(consumer, kit):
    inbox = consumer.inbox()
    await inbox.receive([kit.received(kit.change("1", 1), 5)])
    assert await consumer.column("SELECT position FROM cursor") == []
    assert await inbox.follow("mdt-service", 4, inbox.interruptions)
    assert await consumer.column("SELECT position FROM cursor") == [5]
    await inbox.receive([kit.received(kit.change("2", 1), 9)])
    assert await consumer.column("SELECT position FROM cursor") == [9]
    before = inbox.interruptions
    inbox.interrupted()
    await inbox.receive([kit.received(kit.change("3", 1), 12)])
    assert not await inbox.follow("mdt-service", 11, before)
    assert await consumer.column("SELECT position FROM cursor") == [9]


async def test_the_cursor_moves_past_what_was_parked(consumer, kit):
    inbox = consumer.inbox()
    await inbox.follow("mdt-service", 0, inbox.interruptions)
    consumer.ledger.broken.add("Task-1-1")
    await inbox.receive([kit.received(kit.change("1", 1), 7)])
    assert await consumer.column("SELECT position FROM cursor WHERE name = 'from:mdt-service'") == [7]
