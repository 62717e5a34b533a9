"""Every day begins with one evaluation of everybody, in steps, whatever days the clock has passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cohort_service.lists import daily
from cohort_service.lists.daily import DAY_BEGAN, STEP, day_began, expect_next_day, take_step
from cohort_service.service import service
from tandem.events.due import schedule
from tandem.events.event import Event
from tandem_tests.small_work import SmallWork


def fired(work: SmallWork, kind: str) -> list[Event]:
    """The timed events of this kind that are due now; they fire no more."""
    due = [(key, at, payload) for (of, key), (at, payload) in work.due.items() if of == kind and at <= work.now]
    for key, _, _ in due:
        del work.due[kind, key]
    return [Event(key, kind, "cohort-service", at, data=payload) for key, at, payload in due]


@pytest.mark.parametrize(
    ("now", "next_day"),
    [
        (datetime(2020, 7, 1, 8, 0, tzinfo=UTC), datetime(2020, 7, 1, 23, 5, tzinfo=UTC)),
        (datetime(2020, 7, 1, 23, 5, tzinfo=UTC), datetime(2020, 7, 2, 23, 5, tzinfo=UTC)),
        (datetime(2020, 10, 24, 23, 30, tzinfo=UTC), datetime(2020, 10, 26, 0, 5, tzinfo=UTC)),
        (datetime(2020, 12, 31, 23, 59, tzinfo=UTC), datetime(2021, 1, 1, 0, 5, tzinfo=UTC)),
    ],
)
async def test_the_next_day_is_that_of_london(work: SmallWork, now: datetime, next_day: datetime) -> None:
    work = replace(work, now=now)
    await expect_next_day(work)
    assert work.due == {(DAY_BEGAN, "lists"): (next_day, {})}


async def test_a_start_does_not_put_off_a_day_that_is_overdue(work: SmallWork) -> None:
    await schedule(work.connection, DAY_BEGAN, "lists", work.now - timedelta(hours=1), {})
    await expect_next_day(work)
    assert work.due == {}


async def test_a_clock_that_passes_over_many_days_begins_once(work: SmallWork) -> None:
    await expect_next_day(work)
    work.now += timedelta(days=30)
    [event] = fired(work, DAY_BEGAN)
    await day_began(event, work)
    assert fired(work, DAY_BEGAN) == []
    assert work.due[DAY_BEGAN, "lists"][0] == datetime(2020, 7, 31, 23, 5, tzinfo=UTC)
    assert len(fired(work, STEP)) == 1


async def test_everybody_is_evaluated_in_steps_of_so_many(work: SmallWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "PEOPLE_PER_STEP", 2)
    for number in range(5):
        await work.connection.execute("INSERT INTO person (patient) VALUES ($1)", f"p{number}")
    evaluated: list[list[int]] = []
    whole = daily.evaluate_next

    async def counted(*args: Any) -> int | None:
        rows = await work.connection.fetch(
            "SELECT number FROM person WHERE number > $1 ORDER BY number LIMIT 2", args[1]
        )
        evaluated.append([row["number"] for row in rows])
        return await whole(*args)

    monkeypatch.setattr(daily, "evaluate_next", counted)
    await day_began(Event("e", DAY_BEGAN, "cohort-service", work.now, data={}), work)
    while steps := fired(work, STEP):
        for event in steps:
            await take_step(event, work)
    assert [len(step) for step in evaluated] == [2, 2, 1, 0]
    assert len({number for step in evaluated for number in step}) == 5


def test_the_service_declares_the_timers_and_expects_the_next_day_from_its_start() -> None:
    assert {DAY_BEGAN, STEP} <= {timer.kind for timer in service.timers}
    assert service.seeds is not None
