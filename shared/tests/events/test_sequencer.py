from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.database.connection import open_database
from tandem.events.envelope import decode
from tandem.events.outbox import append
from tandem.events.sequencer import Outlook, in_version_order, outlook


async def positions(node) -> list[tuple[int, str]]:
    return [(event.position, event.id) for event in map(decode, await node.page())]


async def looking_at(node) -> Outlook:
    async with node.database.read() as connection:
        return await outlook(connection)


async def test_the_outlook_says_whether_there_is_something_to_do(owner, kit):
    assert await looking_at(owner) is Outlook.EMPTY
    await owner.write(kit.change("1", 1))
    assert await looking_at(owner) is Outlook.READY
    await owner.sequence()
    assert await looking_at(owner) is Outlook.EMPTY


async def test_positions_are_dense_and_in_order(owner, kit):
    await owner.write(kit.change("1", 1), kit.fact("a"), kit.change("2", 1))
    assert await owner.sequence(2) == 2
    assert await owner.sequence(2) == 1
    await owner.write(kit.change("1", 2))
    await owner.sequence()
    assert await positions(owner) == [
        (1, "Task-1-1"),
        (2, "tandem.clock.breached-a"),
        (3, "Task-2-1"),
        (4, "Task-1-2"),
    ]
    assert await owner.column("SELECT log_id FROM outbox") == []


async def test_what_was_rolled_back_leaves_no_hole(owner, kit):
    await owner.write(kit.change("1", 1))
    with pytest.raises(RuntimeError):
        async with owner.database.transaction() as connection:
            await append(connection, kit.change("2", 1))
            raise RuntimeError
    await owner.write(kit.change("3", 1))
    await owner.sequence()
    assert await positions(owner) == [(1, "Task-1-1"), (2, "Task-3-1")]


async def test_versions_written_out_of_order_are_put_in_order(owner, kit):
    await owner.write(kit.change("1", 3), kit.change("2", 1), kit.change("1", 1), kit.change("1", 2))
    await owner.sequence()
    assert [event for _, event in await positions(owner)] == ["Task-1-1", "Task-2-1", "Task-1-2", "Task-1-3"]


async def test_the_same_event_is_written_once(owner, kit):
    async with owner.database.transaction() as connection:
        assert await append(connection, kit.fact("a"))
        assert not await append(connection, kit.fact("a"))
    await owner.write(kit.fact("a"))
    assert await owner.sequence() == 1


async def test_the_last_position_of_each_kind_is_kept(owner, kit):
    await owner.write(kit.change("1", 1), kit.change("2", 1), kit.change("1", 2))
    await owner.sequence()
    rows = await owner.column("SELECT name FROM cursor WHERE position = 2")
    assert rows == ["kind:fhir.Task.create"]
    assert await owner.column("SELECT name FROM cursor WHERE position = 3") == ["kind:fhir.Task.update"]


async def test_an_open_transaction_holds_back_what_was_written_after_it(concurrent_owner, kit):
    owner = concurrent_owner
    async with owner.database.transaction() as early:
        await append(early, kit.change("1", 1))
        await owner.write(kit.change("2", 1))
        assert await looking_at(owner) is Outlook.HELD_BACK
        assert await owner.sequence() == 0
        assert await positions(owner) == []
    await owner.sequence()
    assert await positions(owner) == [(1, "Task-1-1"), (2, "Task-2-1")]


async def test_a_transaction_of_another_database_holds_back_nothing(concurrent_owner, kit, new_postgresql_database):
    other = await open_database(new_postgresql_database(), pool_size=1)
    try:
        async with other.transaction() as connection:
            await connection.execute("CREATE TABLE anything (id integer)")
            await concurrent_owner.write(kit.change("1", 1))
            assert await looking_at(concurrent_owner) is Outlook.READY
            assert await concurrent_owner.sequence() == 1
    finally:
        await other.close()


async def test_many_writers_at_once_leave_no_hole_and_no_event_behind(concurrent_owner, kit):
    owner = concurrent_owner

    async def write(name: str) -> None:
        for version in (1, 2, 3):
            await owner.write(kit.change(name, version))

    writers = [asyncio.create_task(write(str(number))) for number in range(12)]
    while not all(writer.done() for writer in writers) or await looking_at(owner) is not Outlook.EMPTY:
        await owner.sequence(5)
    await asyncio.gather(*writers)
    found = await positions(owner)
    assert [position for position, _ in found] == list(range(1, 37))
    for number in range(12):
        own = [event for _, event in found if event.startswith(f"Task-{number}-")]
        assert own == [f"Task-{number}-{version}" for version in (1, 2, 3)]


async def test_what_was_written_before_an_open_transaction_is_not_held_back(concurrent_owner, kit):
    owner = concurrent_owner
    await owner.write(kit.change("1", 1))
    async with owner.database.transaction() as late:
        await append(late, kit.change("2", 1))
        assert await owner.sequence() == 1
    assert await positions(owner) == [(1, "Task-1-1")]


async def test_rows_restored_from_another_server_are_not_held_back(concurrent_owner, kit):
    owner = concurrent_owner
    await owner.write(kit.change("1", 1))
    async with owner.database.transaction() as connection:
        await connection.execute("UPDATE outbox SET txid = $1", 2**60)
    assert await owner.sequence() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([(name, version) for name in "ab" for version in (1, 2, 3)] + [("fact", None)] * 2))
def test_reordering_moves_only_versions_among_their_own_places(order):
    rows = [{"type": "Task", "resource_id": name, "version": version} for name, version in order]
    ordered = in_version_order(rows)
    assert [row["resource_id"] for row in ordered] == [row["resource_id"] for row in rows]
    for name in "ab":
        assert [row["version"] for row in ordered if row["resource_id"] == name] == [1, 2, 3]
