from __future__ import annotations

import pytest

from tandem.database.connection import DatabaseUnavailable
from tandem.events.catch_up import CatchUp, SourceUnavailable
from tandem.events.envelope import received
from tandem.events.lag import behind, head, taken
from tandem.events.log import log_versions
from tandem.events.relay import WINDOW


def source(owner, inbox, asked=None, page=3, within=None) -> CatchUp:
    """Reads the owner's log; `asked` notes from where."""

    async def fetch(after, limit):
        if asked is not None:
            asked.append(after)
        return await owner.pages(after, limit, inbox.kinds, within)

    return CatchUp(owner.name, fetch, inbox, page=page)


async def log_of(owner, kit, count=4) -> None:
    await owner.write(*(kit.change(str(number), 1) for number in range(count)))
    await owner.write(kit.change("x", 1, resource_type="Slot"))
    await owner.write(*(kit.change(str(number), 2) for number in range(count)), kit.fact("a"))
    await owner.sequence()


async def state(node):
    return sorted(await node.effects()), await node.latest()


async def test_a_new_consumer_reads_the_whole_log_of_its_kinds(owner, consumer, kit):
    await log_of(owner, kit)
    assert await source(owner, consumer.inbox()).run()
    assert len(await consumer.effects()) == 9
    assert "Task/3" in await consumer.latest()
    assert "Slot/x" not in await consumer.latest()


async def test_rebuild_and_live_agree(owner, consumer, open_node, kit):
    await log_of(owner, kit)
    live, rebuilt = consumer, await open_node("careplan-service")
    inbox = live.inbox()
    for envelope in await owner.page():
        await inbox.receive([each for each in received(envelope) if each.event.type != "Slot"])
    await source(owner, rebuilt.inbox()).run()
    assert await state(live) == await state(rebuilt)


async def test_catching_up_again_changes_nothing(owner, consumer, kit):
    await log_of(owner, kit)
    await source(owner, consumer.inbox()).run()
    before = await state(consumer)
    await source(owner, consumer.inbox()).run()
    assert await state(consumer) == before


async def test_it_goes_on_where_it_was_cut_off(owner, consumer, kit):
    await log_of(owner, kit)
    inbox, asked = consumer.inbox(), []
    catch_up = source(owner, inbox, asked, page=2)
    whole = catch_up._fetch_page

    async def cut_off(after, limit):
        if len(asked) == 2:
            raise SourceUnavailable("cut off")
        return await whole(after, limit)

    catch_up._fetch_page = cut_off
    with pytest.raises(SourceUnavailable):
        await catch_up.run()
    assert len(await consumer.effects()) == 4
    await source(owner, inbox, page=2).run()
    assert len(await consumer.effects()) == 9


async def test_it_begins_one_window_before_the_cursor(owner, consumer, kit):
    asked: list[int] = []
    inbox = consumer.inbox()
    await source(owner, inbox, asked).run()
    await inbox.receive([kit.received(kit.change("1", 1), WINDOW + 40)])
    await source(owner, consumer.inbox(), asked).run()
    assert asked == [0, 40]


async def test_other_kinds_than_last_time_are_read_from_the_beginning(owner, consumer, kit):
    await log_of(owner, kit)
    narrow = consumer.inbox("tandem.clock.breached")
    await source(owner, narrow).run()
    await narrow.receive([kit.received(kit.fact("b"), WINDOW + 40)])
    await source(owner, consumer.inbox()).run()
    assert len(await consumer.effects()) == 10


async def test_a_flow_that_was_interrupted_meanwhile_is_not_followed(owner, consumer, kit):
    await log_of(owner, kit)
    inbox = consumer.inbox()
    catch_up = source(owner, inbox, page=100)
    whole = catch_up._fetch_page

    async def interrupted(after, limit):
        inbox.interrupted()
        return await whole(after, limit)

    catch_up._fetch_page = interrupted
    assert not await catch_up.run()


async def test_the_versions_between_two_are_read_from_the_log(owner, kit):
    await owner.write(*(kit.change("1", number) for number in (1, 2, 3, 4)), kit.change("2", 1))
    await owner.sequence()
    async with owner.database.read() as connection:
        found = await log_versions(connection, owner.name, "Task", "1", 1, 4)
    assert [event.version for envelope in found for event, _ in received(envelope)] == [2, 3]


async def test_a_lost_database_ends_catch_up_without_loss(owner, consumer, kit):
    await log_of(owner, kit)
    inbox = consumer.inbox()
    catch_up = source(owner, inbox)
    receive = inbox.receive

    async def lose(events):
        raise DatabaseUnavailable("gone")

    inbox.receive = lose
    with pytest.raises(DatabaseUnavailable):
        await catch_up.run()
    inbox.receive = receive
    await catch_up.run()
    assert len(await consumer.effects()) == 9


async def test_lag_is_counted_in_the_kinds_a_consumer_listens_to(owner, consumer, kit):
    inbox = consumer.inbox()
    await owner.write(kit.change("1", 1), kit.change("x", 1, resource_type="Slot"))
    async with owner.database.read() as connection:
        before = await head(connection)
    assert not before.covers(before.mark)
    await owner.sequence()
    await owner.write(kit.change("2", 1))
    async with owner.database.read() as connection:
        after = await head(connection)
    assert after.covers(before.mark)
    assert not after.covers(after.mark)
    assert behind(after, inbox.kinds, 0) == 1
    await source(owner, inbox).run()
    async with consumer.database.read() as connection:
        here = await taken(connection)
    assert here.parked == {}
    assert behind(after, inbox.kinds, here.positions[owner.name]) == 0
