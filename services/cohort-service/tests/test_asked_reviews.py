"""Who is on the list of reviews that were asked for: by what referrals say, in any order (SMR-018)."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from cohort_service.asked_reviews.referral_listener import ENDS, TAKEN_ON
from tandem.events.event import Event
from tandem.london_days import day_of
from tandem_tests.small_work import START, SmallWork


def told(kind: str, days: int, referral: str = "medication-review", **more: Any) -> Event:
    data = {"request": "ServiceRequest/s1", "kind": referral, "task": "Task/t1", "outcome": "x", **more}
    return Event(f"{kind}/t1/{days}", kind, "referral-service", START + timedelta(days=days), patient="p1", data=data)


async def facts(work: SmallWork) -> list[tuple[int, int | None]]:
    """First day and end of what is known, as days from the start."""
    rows = await work.connection.fetch(
        "SELECT f.starts, f.ends FROM fact f JOIN concept c ON c.number = f.concept"
        " WHERE c.code = 'medication-review-referral'"
    )
    day = day_of(START)
    return [(row["starts"] - day, None if row["ends"] is None else row["ends"] - day) for row in rows]


async def test_a_referral_that_is_taken_on_is_known_from_that_day(work: SmallWork) -> None:
    await work.hear(told(TAKEN_ON, 3))
    await work.hear(told(TAKEN_ON, 3))
    assert await facts(work) == [(3, None)]
    assert await work.connection.fetchval("SELECT COUNT(*) FROM stale_person") == 1, "the person is evaluated again"


@pytest.mark.parametrize("end", ENDS)
async def test_it_ends_with_the_referral(work: SmallWork, end: str) -> None:
    await work.hear(told(TAKEN_ON, 3))
    await work.hear(told(end, 9))
    assert await facts(work) == [(3, 9)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_any_order_comes_to_the_same(work: SmallWork, order: tuple[int, ...]) -> None:
    events = [told(TAKEN_ON, 3), told("tandem.referral.unanswered", 7), told("tandem.referral.withdrawn", 9)]
    for place in (*order, *order):
        await work.hear(events[place])
    assert await facts(work) == [(3, 7)]


async def test_one_that_was_never_taken_on_puts_nobody_on_the_list(work: SmallWork) -> None:
    await work.hear(told("tandem.referral.withdrawn", 2))
    assert await facts(work) == [(2, 2)], "over on the day it began"


async def test_other_kinds_say_nothing(work: SmallWork) -> None:
    await work.hear(told(TAKEN_ON, 3, "support-offer"))
    assert await facts(work) == []
