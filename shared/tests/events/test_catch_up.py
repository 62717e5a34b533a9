from __future__ import annotations

import httpx
import pytest

from tandem.database.connection import DatabaseUnavailable
from tandem.events.catch_up import CatchUp, SourceUnavailable, over_http, versions_over_http
from tandem.events.envelope import BATCH_CONTENT_TYPE, encode_batch, received
from tandem.events.lag import behind, head, taken
from tandem.events.log import log_page, log_versions
from tandem.events.relay import WINDOW

BASE = "http://mdt.example/fhir"


def endpoint(node, requests=None):
    """The owner's `$events`, answered from its own log."""

    async def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if requests is not None:
            requests.append(dict(asked))
        async with node.database.read() as connection:
            if "subject" in asked:
                resource_type, resource_id = asked["subject"].split("/")
                page = await log_versions(
                    connection, node.name, resource_type, resource_id, int(asked["after-version"]),
                    int(asked["before-version"]),
                )  # fmt: skip
            else:
                kinds = asked["kind"].split(",")
                page = await log_page(connection, node.name, int(asked["after"]), int(asked["_count"]), kinds)
        return httpx.Response(200, content=encode_batch(page), headers={"content-type": BATCH_CONTENT_TYPE})

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def source(owner, inbox, client, page=3) -> CatchUp:
    return CatchUp(owner.name, over_http(client, BASE, inbox.kinds), inbox, page=page)


async def log_of(owner, kit, count=4) -> None:
    await owner.write(*(kit.change(str(number), 1) for number in range(count)), kit.change("x", 1, resource_type="Slot"))
    await owner.write(*(kit.change(str(number), 2) for number in range(count)), kit.fact("a"))
    await owner.sequence()


async def state(node):
    return sorted(await node.effects()), await node.latest()


async def test_a_new_consumer_reads_the_whole_log_of_its_kinds(owner, consumer, kit):
    await log_of(owner, kit)
    inbox = consumer.inbox()
    async with endpoint(owner) as client:
        assert await source(owner, inbox, client).run()
    assert len(await consumer.effects()) == 9
    assert "Task/3" in await consumer.latest()
    assert "Slot/x" not in await consumer.latest()


async def test_rebuild_and_live_agree(owner, consumer, open_node, kit):
    await log_of(owner, kit)
    live, rebuilt = consumer, await open_node("careplan-service")
    for envelope in await owner.page():
        await live.inbox("fhir.Task.*", "tandem.clock.breached").receive(
            [each for each in received(envelope) if each.event.type != "Slot"]
        )
    async with endpoint(owner) as client:
        await source(owner, rebuilt.inbox(), client).run()
    assert await state(live) == await state(rebuilt)


async def test_catching_up_again_changes_nothing(owner, consumer, kit):
    await log_of(owner, kit)
    async with endpoint(owner) as client:
        await source(owner, consumer.inbox(), client).run()
        before = await state(consumer)
        await source(owner, consumer.inbox(), client).run()
    assert await state(consumer) == before


async def test_it_goes_on_where_it_was_cut_off(owner, consumer, kit):
    await log_of(owner, kit)
    requests: list[dict[str, str]] = []
    inbox = consumer.inbox()
    async with endpoint(owner, requests) as client:
        catch_up = source(owner, inbox, client, page=2)
        whole, pages = catch_up._fetch_page, []

        async def cut_off(after, limit):
            if len(pages) == 2:
                raise SourceUnavailable("cut off")
            pages.append(after)
            return await whole(after, limit)

        catch_up._fetch_page = cut_off
        with pytest.raises(SourceUnavailable):
            await catch_up.run()
        assert len(await consumer.effects()) == 4
        await source(owner, inbox, client, page=2).run()
    assert len(await consumer.effects()) == 9


async def test_it_begins_one_window_before_the_cursor(owner, consumer, kit):
    requests: list[dict[str, str]] = []
    inbox = consumer.inbox()
    async with endpoint(owner, requests) as client:
        await source(owner, inbox, client).run()
        await inbox.receive([kit.received(kit.change("1", 1), WINDOW + 40)])
        await source(owner, consumer.inbox(), client).run()
    assert [request["after"] for request in requests] == ["0", "40"]


async def test_other_kinds_than_last_time_are_read_from_the_beginning(owner, consumer, kit):
    await log_of(owner, kit)
    async with endpoint(owner) as client:
        narrow = consumer.inbox("tandem.clock.breached")
        await source(owner, narrow, client).run()
        await narrow.receive([kit.received(kit.fact("b"), WINDOW + 40)])
        await source(owner, consumer.inbox(), client).run()
    assert len(await consumer.effects()) == 10


async def test_a_flow_that_was_interrupted_meanwhile_is_not_followed(owner, consumer, kit):
    await log_of(owner, kit)
    inbox = consumer.inbox()
    async with endpoint(owner) as client:
        catch_up = source(owner, inbox, client, page=100)
        whole = catch_up._fetch_page

        async def interrupted(after, limit):
            inbox.interrupted()
            return await whole(after, limit)

        catch_up._fetch_page = interrupted
        assert not await catch_up.run()


@pytest.mark.parametrize("status", [401, 404, 503])
async def test_an_owner_that_gives_no_page_is_unavailable(consumer, status):
    def refuse(_):
        return httpx.Response(status, json={"resourceType": "OperationOutcome"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        with pytest.raises(SourceUnavailable):
            await over_http(client, BASE, ["fhir.Task.*"])(0, 10)


async def test_an_answer_that_is_no_page_and_an_owner_that_is_away_are_unavailable():
    def nonsense(_):
        return httpx.Response(200, content=b"<html>")

    def away(request):
        raise httpx.ConnectError("away", request=request)

    for handler in (nonsense, away):
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
            with pytest.raises(SourceUnavailable):
                await over_http(client, BASE, ["fhir.Task.*"])(0, 10)


async def test_missing_versions_are_read_from_their_owner(owner, kit):
    await owner.write(*(kit.change("1", number) for number in (1, 2, 3, 4)))
    await owner.sequence()
    async with endpoint(owner) as client:
        fetch = versions_over_http(client, {owner.name: BASE})
        found = await fetch(owner.name, "Task", "1", 1, 4)
        assert [event.version for envelope in found for event, _ in received(envelope)] == [2, 3]
        with pytest.raises(SourceUnavailable):
            await fetch("unknown-service", "Task", "1", 1, 4)


async def test_a_lost_database_ends_catch_up_without_loss(owner, consumer, kit):
    await log_of(owner, kit)
    inbox = consumer.inbox()
    async with endpoint(owner) as client:
        catch_up = source(owner, inbox, client)
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
    async with endpoint(owner) as client:
        await source(owner, inbox, client).run()
    async with consumer.database.read() as connection:
        here = await taken(connection)
    assert here.parked == {}
    assert behind(after, inbox.kinds, here.positions[owner.name]) == 0
