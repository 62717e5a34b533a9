"""Heads of kinds whose last event was erased: lowered a window of positions at a time, however long the log."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.events.lag import head
from tandem.retention import log_heads
from tandem.retention.log_entries import forget_entries
from tandem.retention.log_heads import lower_heads

RARE, OFTEN, ONCE = "tandem.rare.told", "tandem.often.told", "tandem.once.told"
LENGTH, SPAN = 40, 6
KINDS = {2: RARE, 9: ONCE, LENGTH: RARE}


@pytest.fixture
async def log(owner: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(log_heads, "SPAN", SPAN)
    await owner.write(*(kit.fact(str(number), KINDS.get(number, OFTEN)) for number in range(1, LENGTH + 1)))
    await owner.sequence()
    return owner


async def forget(node: Any, *positions: int) -> None:
    async with node.database.transaction() as connection:
        numbers = [
            row["log_id"]
            for each in positions
            for row in await connection.fetch("SELECT log_id FROM event_position WHERE position = $1", each)
        ]
        assert await forget_entries(connection, numbers) == len(positions)


async def looked(node: Any, most: int = 100) -> int:
    """How many windows were looked through until all heads were right."""
    for number in range(1, most + 1):
        async with node.database.transaction() as connection:
            if await lower_heads(connection):
                return number
    raise AssertionError("it comes to no end")


async def kinds(node: Any) -> dict[str, int]:
    async with node.database.read() as connection:
        return (await head(connection)).kinds


async def test_a_head_is_lowered_in_windows(log: Any) -> None:
    await forget(log, LENGTH)
    async with log.database.transaction() as connection:
        assert not await lower_heads(connection)
    assert (await kinds(log))[RARE] == LENGTH, "not before it is known"
    assert 1 + await looked(log) == -(-(LENGTH - 2) // SPAN)
    assert await kinds(log) == {RARE: 2, ONCE: 9, OFTEN: LENGTH - 1}
    assert await log.column("SELECT name FROM cursor WHERE name LIKE 'lower:%'") == []
    assert await looked(log) == 1


async def test_a_kind_of_which_nothing_is_left_has_no_head(log: Any) -> None:
    await forget(log, 9, 2, LENGTH, LENGTH - 1)
    await looked(log)
    assert await kinds(log) == {OFTEN: LENGTH - 2}


async def test_an_event_that_comes_meanwhile_is_the_head(log: Any, kit: Any) -> None:
    await forget(log, LENGTH)
    async with log.database.transaction() as connection:
        assert not await lower_heads(connection)
    await log.write(kit.fact("new", RARE))
    await log.sequence()
    assert await looked(log) == 1
    assert (await kinds(log))[RARE] == LENGTH + 1
    await forget(log, LENGTH + 1)
    await looked(log)
    assert (await kinds(log))[RARE] == 2


async def test_a_head_that_is_marked_again_is_not_looked_for_again(log: Any) -> None:
    await forget(log, LENGTH)
    for _ in range(3):
        async with log.database.transaction() as connection:
            assert not await lower_heads(connection)
    [reached] = await log.column("SELECT position FROM cursor WHERE name LIKE 'lower:%'")
    await forget(log, 2)
    assert await log.column("SELECT position FROM cursor WHERE name LIKE 'lower:%'") == [reached]
    await looked(log)
    assert RARE not in await kinds(log)


async def test_what_stands_is_left_alone(log: Any) -> None:
    before = await kinds(log)
    await forget(log, 5, 2)
    assert await looked(log) == 1
    assert await kinds(log) == before
