"""A follower takes the log of its own service: in batches, once, from the current state, and never stuck."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.database.connection import DatabaseUnavailable, SerializationConflict, StatementTimedOut
from tandem.events.follower import BACKLOG_WAITS as LONGEST
from tandem.events.follower import LogFollower
from tandem.events.follower_cursor import cursor_name, restart
from tandem.events.lag import taken
from tandem.events.lease import LeaseLost
from tandem.events.relay import Relay
from tandem.events.retries import Retries
from tandem.service import Changed, Follower


class Ledger:
    """A handler that keeps the current version of what it is named; ids in `broken` fail after it has written."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.broken: set[str] = set()
        self.raises: list[Exception] = []

    async def __call__(self, changed, work) -> None:
        self.batches.append([each.id for each in changed])
        for each in changed:
            held = await work.connection.fetchval(
                "SELECT MAX(version) FROM log WHERE type = $1 AND resource_id = $2", each.type, each.id
            )
            await work.connection.execute(
                "INSERT INTO latest (subject, value) VALUES ($1, $2)"
                " ON CONFLICT (subject) DO UPDATE SET value = excluded.value",
                f"{each.type}/{each.id}", str(held),
            )  # fmt: skip
        if self.raises:
            raise self.raises.pop()
        if self.broken & {each.id for each in changed}:
            raise RuntimeError("a handler that fails, and says more than may be kept: 999 000 1234")


class Shelf:
    """A backlog in the table `effect`."""

    async def waiting(self, connection, limit):
        rows = await connection.fetch("SELECT event_id FROM effect ORDER BY number LIMIT $1", limit)
        return [Changed("shelf", row["event_id"]) for row in rows]

    async def take(self, connection, changes):
        await connection.executemany("DELETE FROM effect WHERE event_id = $1", [(each.id,) for each in changes])


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def follow(owner, ledger, kit):
    work = kit.work

    def make(holder="one", **options):
        declared = Follower("ledger", ("fhir.Task.*",), ledger, options.pop("backlog", None))
        return LogFollower(
            owner.database, owner.name, declared, work,
            owner.lease(cursor_name("ledger"), holder), now=owner.now, **options,
        )  # fmt: skip

    return make


async def position(node) -> int:
    async with node.database.read() as connection:
        return (await taken(connection)).followed.get("ledger", 0)


async def test_it_takes_what_it_follows_and_moves_past_everything_else(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1), kit.fact("k"), kit.change("p", 1, resource_type="Patient"))
    follower = follow()
    assert not await follower.turn(), "what has no position is not there yet"
    await owner.sequence()
    assert await follower.turn()
    assert not await follower.turn()
    assert ledger.batches == [["a"]]
    assert await position(owner) == 3


async def test_a_record_is_named_once_in_a_batch_and_never_twice(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1), kit.change("b", 1), kit.change("a", 2))
    await owner.sequence()
    follower = follow()
    await follower.turn()
    await follow("one").turn()
    assert ledger.batches == [["a", "b"]]
    assert await owner.latest() == {"Task/a": "2", "Task/b": "1"}


async def test_a_batch_is_bounded(owner, follow, ledger, kit):
    await owner.write(*(kit.change(str(number), 1) for number in range(5)))
    await owner.sequence()
    follower = follow(batch=2)
    while await follower.turn():
        pass
    assert ledger.batches == [["0", "1"], ["2", "3"], ["4"]]


async def test_one_that_fails_is_parked_and_all_others_are_taken(owner, follow, ledger, kit):
    await owner.write(*(kit.change(str(number), 1) for number in range(8)))
    await owner.sequence()
    ledger.broken = {"5"}
    await follow().turn()
    assert set(await owner.latest()) == {f"Task/{number}" for number in range(8) if number != 5}
    assert await position(owner) == 8
    [state] = (await owner.parked()).values()
    assert state == "retry"
    assert await owner.column("SELECT error FROM parked") == ["RuntimeError"]


async def test_a_retry_works_from_the_current_state(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    ledger.broken = {"a"}
    follower = follow()
    await follower.turn()
    ledger.broken = set()
    await owner.write(kit.change("a", 2))
    await owner.sequence()
    await follower.turn()
    inbox = owner.inbox("fhir.Patient.*", timers=[follower.timer])
    owner.now.add(2)
    assert await Retries(inbox).step() == 1
    assert await owner.latest() == {"Task/a": "2"}
    assert await owner.parked() == {}


async def test_a_retry_that_fails_again_waits_and_ends_as_a_dead_letter(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    ledger.broken = {"a"}
    follower = follow()
    await follower.turn()
    retries = Retries(owner.inbox("fhir.Patient.*", timers=[follower.timer], attempts=3))
    for _ in range(2):
        owner.now.add(600)
        await retries.step()
    assert set((await owner.parked()).values()) == {"dead"}


@pytest.mark.parametrize("error", [DatabaseUnavailable("gone"), StatementTimedOut("too long"), LeaseLost("ledger")])
async def test_a_fault_that_is_nobodys_parks_nothing_and_leaves_the_cursor(owner, follow, ledger, kit, error):
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    ledger.raises = [error]
    follower = follow()
    with pytest.raises(type(error)):
        await follower.turn()
    assert (await position(owner), await owner.parked(), await owner.latest()) == (0, {}, {})
    await follower.turn()
    assert await owner.latest() == {"Task/a": "1"}


async def test_a_batch_that_takes_the_database_too_long_is_taken_in_parts(owner, follow, ledger, kit):
    await owner.write(*(kit.change(str(number), 1) for number in range(4)))
    await owner.sequence()
    ledger.raises = [StatementTimedOut("too long")]
    await follow().turn()
    assert ledger.batches == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"]]
    assert (await position(owner), await owner.parked()) == (4, {})


async def test_a_conflict_is_tried_again_at_once(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1), kit.change("b", 1))
    await owner.sequence()
    ledger.raises = [SerializationConflict("deadlock"), SerializationConflict("deadlock")]
    await follow().turn()
    assert ledger.batches == [["a", "b"]] * 3
    assert await owner.parked() == {}


async def test_another_process_stands_by_until_the_lease_is_free(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    await follow("one").turn()
    await owner.write(kit.change("b", 1))
    await owner.sequence()
    other = follow("two")
    assert not await other.turn()
    owner.now.add(16)
    assert await other.turn()
    assert ledger.batches == [["a"], ["b"]]


async def test_the_backlog_is_taken_in_the_same_way(owner, follow, ledger):
    async with owner.database.transaction() as connection:
        await connection.executemany("INSERT INTO effect (event_id) VALUES ($1)", [("x",), ("y",), ("z",)])
    ledger.broken = {"y"}
    follower = follow(backlog=Shelf())
    assert await follower.turn()
    assert await owner.effects() == []
    assert set(await owner.latest()) == {"shelf/x", "shelf/z"}
    assert list((await owner.parked()).values()) == ["retry"]
    assert not await follower.turn()


async def put_on_the_shelf(owner, *names):
    async with owner.database.transaction() as connection:
        await connection.executemany("INSERT INTO effect (event_id) VALUES ($1)", [(name,) for name in names])


async def test_the_backlog_waits_while_records_pour_in(owner, follow, ledger, kit):
    await put_on_the_shelf(owner, "x")
    await owner.write(*(kit.change(str(number), 1) for number in range(5)))
    await owner.sequence()
    follower = follow(batch=2, backlog=Shelf())
    while await follower.turn():
        pass
    assert ledger.batches == [["0", "1"], ["2", "3"], ["4"], ["x"]]


async def test_the_backlog_does_not_wait_for_a_single_record_nor_for_ever(owner, follow, ledger, kit):
    await put_on_the_shelf(owner, "x")
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    follower = follow(batch=20, backlog=Shelf())
    await follower.turn()
    assert ledger.batches == [["a"], ["x"]]
    ledger.batches.clear()
    await put_on_the_shelf(owner, "y")
    poured = [str(number) for number in range(3 * (LONGEST + 2))]
    await owner.write(*(kit.change(name, 1) for name in poured))
    while await owner.sequence():
        pass
    pouring = follow(batch=3, backlog=Shelf())
    while await pouring.turn():
        pass
    assert ledger.batches.index(["y"]) == LONGEST + 1, "with records still to come"
    assert len(ledger.batches) == LONGEST + 3


async def test_started_again_it_takes_everything_again(owner, follow, ledger, kit):
    await owner.write(kit.change("a", 1))
    await owner.sequence()
    follower = follow()
    await follower.turn()
    async with owner.database.transaction() as connection:
        await restart(connection, "ledger")
    await follower.turn()
    assert ledger.batches == [["a"], ["a"]]


async def test_it_wakes_when_the_relay_has_given_positions(owner, follow, kit, background):
    follower = follow()
    transport = kit.flaky_transport()
    relay = Relay(owner.database, owner.name, transport, owner.lease(), sequenced=follower.wake)
    await owner.write(kit.change("a", 1))
    await relay.round()
    woken = background(follower._waker.wait(60))
    assert await woken is True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=20), st.sets(st.sampled_from("abcdefgh")),
    st.integers(1, 7),
)  # fmt: skip
async def test_what_fails_holds_up_nothing_else_and_is_made_up_for(owner, follow, ledger, kit, names, broken, batch):
    await owner.clear()
    async with owner.database.transaction() as connection:
        for table in ("log", "outbox", "event_position"):
            await connection.execute(f"DELETE FROM {table}")
    versions: dict[str, int] = {}
    for name in names:
        versions[name] = versions.get(name, 0) + 1
        await owner.write(kit.change(name, versions[name]))
    await owner.sequence()
    ledger.broken = broken
    follower = follow(batch=batch)
    while await follower.turn():
        pass
    assert await owner.latest() == {
        f"Task/{name}": str(version) for name, version in versions.items() if name not in broken
    }
    assert set((await owner.parked()).values()) == ({"retry"} if broken & set(names) else set())
    ledger.broken = set()
    owner.now.add(2)
    while await Retries(owner.inbox("fhir.Patient.*", timers=[follower.timer])).step():
        pass
    assert await owner.latest() == {f"Task/{name}": str(version) for name, version in versions.items()}
    assert await owner.parked() == {}
