"""Rare kinds in a long log: no statement and no request looks at more of it than it may, and nothing is passed over."""

from __future__ import annotations

from itertools import pairwise

import pytest
from shared.tests.events.test_catch_up import source

from tandem.events import log
from tandem.events.envelope import received

RARE, LENGTH = "tandem.clock.breached", 40
FACTS = {3: "a", 21: "b", 22: "c", 40: "d"}
"""The domain events by their positions; at all others a Task changes."""


@pytest.fixture
async def long_log(owner, kit, monkeypatch):
    """A log of 40 positions of which one statement looks at five."""
    monkeypatch.setattr(log, "SPAN", 5)
    for position in range(1, LENGTH + 1):
        await owner.write(kit.fact(FACTS[position]) if position in FACTS else kit.change(str(position), 1))
    await owner.sequence()
    return owner


def positions(page) -> list[int]:
    return [event.position for envelope in page.envelopes for event, _ in received(envelope)]


async def test_one_page_finds_all_of_them(long_log):
    page = await long_log.pages(0, 10, [RARE])
    assert positions(page) == sorted(FACTS)
    assert page.reached is None


async def test_a_full_page_ends_at_its_last_event(long_log):
    page = await long_log.pages(0, 2, [RARE])
    assert (positions(page), page.reached) == ([3, 21], None)
    assert positions(await long_log.pages(21, 2, [RARE])) == [22, 40]


async def test_no_statement_looks_at_more_than_its_span(long_log, monkeypatch):
    looked_at: list[tuple[int, int]] = []
    async with long_log.database.read() as connection:
        fetch = connection.fetch

        async def noting(sql, after, upto, *rest):
            looked_at.append((after, upto))
            return await fetch(sql, after, upto, *rest)

        monkeypatch.setattr(connection, "fetch", noting)
        await log.log_page(connection, "mdt-service", 0, 10, [RARE])
    assert looked_at == [(after, after + 5) for after in range(0, LENGTH, 5)]
    assert all(before[1] == behind[0] for before, behind in pairwise(looked_at))


async def test_a_request_that_may_look_no_further_says_how_far_it_came(long_log):
    page = await long_log.pages(0, 10, [RARE], within=12)
    assert (positions(page), page.reached) == ([3], 12)
    page = await long_log.pages(12, 10, [RARE], within=7)
    assert (positions(page), page.reached) == ([], 19)
    page = await long_log.pages(19, 10, [RARE], within=100)
    assert (positions(page), page.reached) == ([21, 22, 40], None)


async def test_positions_that_a_settlement_left_out_are_passed(long_log, kit):
    async with long_log.database.transaction() as connection:
        await connection.execute("UPDATE event_position SET position = 1000 WHERE position = 40")
    page = await long_log.pages(0, 10, [RARE])
    assert (positions(page), page.reached) == ([3, 21, 22, 1000], None)


@pytest.mark.parametrize("within", [1, 7, 39, 40, 100])
async def test_a_new_consumer_has_them_all_however_little_a_request_looks_at(long_log, consumer, within):
    asked: list[int] = []
    catch_up = source(long_log, consumer.inbox(RARE), asked, page=3, within=within)
    assert await catch_up.run()
    assert len(await consumer.effects()) == len(FACTS)
    assert await consumer.column("SELECT position FROM cursor WHERE name = 'from:mdt-service'") == [LENGTH]
    asked.clear()
    assert await catch_up.run()
    assert len(await consumer.effects()) == len(FACTS)
