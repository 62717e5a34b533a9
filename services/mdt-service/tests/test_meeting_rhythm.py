"""When a team meets: intervals of a cadence, a meeting's state on a day, the next that is due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt_service.domain.meetings.rhythm import MOST, next_due, occurrences, state
from tandem.clock import LONDON
from tandem.nhs.mdt_arrangement import Cadence

DAYS = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("cadence", "day", "expected"),
    [
        (Cadence(2, "wk"), date(2020, 7, 1), date(2020, 7, 15)),
        (Cadence(10, "d"), date(2020, 2, 25), date(2020, 3, 6)),
        (Cadence(1, "mo"), date(2020, 1, 31), date(2020, 2, 29)),
        (Cadence(1, "mo"), date(2020, 12, 15), date(2021, 1, 15)),
        (Cadence(3, "mo"), date(2020, 11, 30), date(2021, 2, 28)),
    ],
)
def test_the_day_after_an_interval(cadence: Cadence, day: date, expected: date) -> None:
    assert cadence.after(day) == expected


@given(DAYS, st.integers(1, 24))
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    later = Cadence(months, "mo").after(day)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(1, 8), st.integers(0, 400))
def test_meetings_are_at_the_same_time_on_the_wall_up_to_the_last_day(first: date, weeks: int, days: int) -> None:
    at = datetime(first.year, first.month, first.day, 10, tzinfo=LONDON)
    found = occurrences(at, Cadence(weeks, "wk"), first + timedelta(days=days))
    assert [each.date() for each in found] == [
        first + timedelta(days=each) for each in range(0, days + 1, 7 * weeks)
    ][: MOST + 1]  # fmt: skip
    assert {each.time() for each in found} == {at.time()}


@pytest.mark.parametrize(
    ("status", "as_of", "now", "expected"),
    [
        ("booked", 9, 0, "planned"), ("booked", 10, 99, "planned"), ("booked", 10, 100, "overdue"),
        ("booked", 11, 0, "overdue"), ("arrived", 11, 0, "overdue"), ("noshow", 11, 0, "overdue"),
        ("cancelled", 11, 0, "cancelled"), ("fulfilled", 10, 0, "held"), ("fulfilled", 9, 0, "planned"),
    ],
)  # fmt: skip
def test_the_state_of_a_meeting_on_day_ten(status: str, as_of: int, now: int, expected: str) -> None:
    assert state(status, 10, 100, as_of, now) == expected


def test_the_next_is_due_one_interval_after_the_last_that_was_held() -> None:
    began, fortnight = date(2020, 7, 1), Cadence(2, "wk")
    assert next_due(None, began, fortnight) == began
    assert next_due(date(2020, 7, 20), began, fortnight) == date(2020, 8, 3)
    assert next_due(date(2020, 7, 20), began, None) is None
