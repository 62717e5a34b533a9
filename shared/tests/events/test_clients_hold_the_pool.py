"""Clients hold every connection that clients may: relay, lease, follower, inbox, readiness and other services go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tandem.database import postgresql
from tandem.database.connection import NoConnectionFree, open_database
from tandem.database.pool_lanes import Asker, PoolLanes, asker
from tandem.events.follower import LogFollower
from tandem.events.follower_cursor import cursor_name
from tandem.events.relay import Round
from tandem.fhir.faults import fault_response
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import Caller, service_caller
from tandem.runtime.database_state import database_state
from tandem.runtime.overload import Overload
from tandem.service import Follower
from tandem.settings import Settings

CLIENT, SERVICE = Caller("A81001"), service_caller("mdt-service")


@pytest.fixture
async def node(concurrent_owner: Any) -> AsyncIterator[Any]:
    """The node, while as many requests as clients may have connections for hold one each."""
    rule, release = Overload(Settings()), asyncio.Event()
    size = concurrent_owner.database.lanes.clients
    holding = [asyncio.Event() for _ in range(size)]

    async def search(held: asyncio.Event) -> None:
        rule.visit().admit(CLIENT)
        async with concurrent_owner.database.read():
            held.set()
            await release.wait()

    searches = [asyncio.create_task(search(held)) for held in holding]
    for held in holding:
        await held.wait()
    yield concurrent_owner
    release.set()
    await asyncio.gather(*searches)


async def asked_by(caller: Caller, node: Any) -> int:
    """A request of the caller's reads the database."""
    Overload(Settings()).visit().admit(caller)
    async with node.database.read() as connection:
        return await connection.fetchval("SELECT 1")


async def test_what_the_process_does_for_itself_goes_on(node: Any, kit: Any) -> None:
    transport, followed = kit.flaky_transport(), []

    async def note(changed: Any, _: Any) -> None:
        followed.extend(each.id for each in changed)

    lease = node.lease(cursor_name("ledger"))
    follower = LogFollower(
        node.database, node.name, Follower("ledger", ("fhir.Task.*",), note, None), kit.work, lease, now=node.now
    )
    await node.write(kit.change("a", 1))
    assert await node.relay(transport).round() is Round.PROGRESS
    assert transport.published == [1]
    assert await follower.turn()
    assert followed == ["a"]
    node.now.add(10)
    assert await lease.hold()
    await node.inbox().receive([kit.received(kit.change("b", 1), 1, "cohort-service")])
    assert await node.effects() == ["Task-b-1"]
    assert await database_state(node.database) == "ok"


async def test_other_services_are_answered(node: Any) -> None:
    assert await asyncio.create_task(asked_by(SERVICE, node)) == 1


async def test_a_client_more_is_refused_and_told_when_to_come_again(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient, pytest.raises(NoConnectionFree) as refused:
        impatient.setattr(postgresql, "_CONNECT_SECONDS", 0.01)
        await asyncio.create_task(asked_by(CLIENT, node))
    answer = fault_response(FhirRequest("GET", "Task", "", {}, b"", "http://t/fhir", "r", "c"), refused.value)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "2"
    assert await database_state(node.database) == "ok", "whoever gave up left its place"


async def test_a_place_comes_free_for_who_waits(concurrent_owner: Any) -> None:
    lanes = concurrent_owner.database.lanes
    context_of_a_client = asyncio.create_task(taken_and_left(lanes, 3 * lanes.asked))
    assert await context_of_a_client == 3 * lanes.asked
    assert not any(each.locked() for each in lanes._needed[Asker.CLIENT])


async def taken_and_left(lanes: PoolLanes, many: int) -> int:
    """So many clients at once, each of which leaves as soon as it has come."""
    asker.set(Asker.CLIENT)

    async def one() -> int:
        taken = await lanes.take(60)
        await asyncio.sleep(0)
        lanes.give_back(taken)
        return 1

    return sum(await asyncio.gather(*(one() for _ in range(many))))


@pytest.mark.parametrize(("size", "clients", "asked"), [(2, 1, 1), (3, 1, 2), (4, 2, 3), (10, 6, 8), (200, 120, 160)])
def test_what_is_kept_of_a_pool(size: int, clients: int, asked: int) -> None:
    lanes = PoolLanes(size)
    assert (lanes.clients, lanes.asked) == (clients, asked)


async def test_a_pool_of_one_serves_everybody(new_postgresql_database: Callable[[], str]) -> None:
    database = await open_database(new_postgresql_database(), pool_size=1)
    try:
        for each in Asker:
            asker.set(each)
            async with database.read() as connection:
                assert await connection.fetchval("SELECT 1") == 1
    finally:
        await database.close()
