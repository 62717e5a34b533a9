"""Working days in England and days in London."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.clock import to_instant
from tandem.london_days import london_date
from tandem.nhs import working_days as days

DATES = st.dates(date(2012, 1, 2), date(2032, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2020, 5, 8),  # moved from Monday the 4th for VE Day
        date(2022, 6, 2),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
        date(2020, 12, 28),  # substitute for Boxing Day
        date(2021, 12, 27),
        date(2021, 12, 28),
        date(2022, 1, 3),
        date(2020, 8, 31),
    ],
)
def test_bank_holidays_of_england(day: date) -> None:
    assert days.is_bank_holiday(day)
    assert not days.is_working_day(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2020, 5, 4),  # the holiday was moved away
        date(2022, 5, 30),  # the spring holiday was moved to 2 June
        date(2020, 8, 3),  # Scotland's summer holiday
        date(2020, 3, 17),  # Northern Ireland's Saint Patrick's Day
    ],
)
def test_days_that_are_worked_in_england(day: date) -> None:
    assert days.is_working_day(day)


def test_holidays_on_a_weekend_are_not_counted_twice() -> None:
    assert date(2021, 12, 25) not in days.bank_holidays(2021)
    assert not days.is_working_day(date(2021, 12, 25))


@pytest.mark.parametrize(
    ("start", "working_days", "expected"),
    [
        (date(2020, 7, 1), 7, date(2020, 7, 10)),
        (date(2020, 5, 7), 1, date(2020, 5, 11)),
        (date(2020, 12, 24), 1, date(2020, 12, 29)),
        (date(2020, 7, 4), 1, date(2020, 7, 6)),
        (date(2020, 7, 4), 0, date(2020, 7, 4)),
        (date(2020, 5, 11), -1, date(2020, 5, 7)),
    ],
)
def test_adding_working_days(start: date, working_days: int, expected: date) -> None:
    assert days.add_working_days(start, working_days) == expected


def test_adding_days_crosses_the_year() -> None:
    assert days.add_days(date(2020, 12, 28), 7) == date(2021, 1, 4)


def test_the_calendar_ends_where_no_day_is_left() -> None:
    assert (days.add_days(date.max, 1), days.add_days(date.min, -28)) == (date.max, date.min)
    assert (days.add_working_days(date.max, 7), days.add_working_days(date.min, -7)) == (date.max, date.min)
    assert days.end_of_london_day(date.max) == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


@given(DATES, st.integers(1, 60))
def test_the_day_reached_is_worked_and_just_that_many_away(start: date, working_days: int) -> None:
    end = days.add_working_days(start, working_days)
    assert days.is_working_day(end)
    assert days.working_days_between(start, end) == working_days
    assert days.working_days_between(end, start) == 0


@given(DATES, st.integers(0, 30), st.integers(0, 30))
def test_adding_twice_is_adding_the_sum(start: date, first: int, second: int) -> None:
    assert days.add_working_days(days.add_working_days(start, first), second) == days.add_working_days(
        start, first + second
    )


@given(DATES, st.integers(1, 60))
def test_going_back_returns_to_a_working_day(start: date, working_days: int) -> None:
    from_worked = days.add_working_days(start, 1)
    assert days.add_working_days(days.add_working_days(from_worked, working_days), -working_days) == from_worked


def test_the_end_of_a_london_day() -> None:
    assert to_instant(days.end_of_london_day(date(2020, 7, 8))) == "2020-07-08T22:59:59.999Z"
    assert to_instant(days.end_of_london_day(date(2020, 12, 8))) == "2020-12-08T23:59:59.999Z"


def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    hours = {
        day: days.start_of_london_day(day + timedelta(days=1)) - days.start_of_london_day(day)
        for day in (date(2020, 3, 29), date(2020, 10, 25))
    }
    assert list(hours.values()) == [timedelta(hours=23), timedelta(hours=25)]


@given(DATES)
def test_a_day_begins_and_ends_on_itself(day: date) -> None:
    assert london_date(days.start_of_london_day(day)) == day
    assert london_date(days.end_of_london_day(day)) == day
    assert days.end_of_london_day(day) < days.start_of_london_day(day + timedelta(days=1))
