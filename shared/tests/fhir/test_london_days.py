"""Whole days in London as numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.clock import LONDON, from_micros, to_micros
from tandem.identity.periods import FOREVER, bounds
from tandem.london_days import beginning_of, date_of, day_at, day_number, day_of, london_date

NUMBERS = st.integers(-30_000, 60_000)


def test_days_are_counted_from_the_first_of_1970() -> None:
    days = (date(1969, 12, 31), date(1970, 1, 1), date(2020, 7, 1))
    assert [day_number(each) for each in days] == [-1, 0, 18444]


def test_the_date_in_london_in_summer_is_an_hour_ahead() -> None:
    assert london_date(datetime(2020, 6, 30, 23, 30, tzinfo=UTC)) == date(2020, 7, 1)
    assert london_date(datetime(2020, 12, 31, 23, 30, tzinfo=UTC)) == date(2020, 12, 31)
    with pytest.raises(ValueError, match="offset"):
        london_date(datetime(2020, 7, 1))


@given(NUMBERS)
def test_a_number_is_that_of_its_day(number: int) -> None:
    assert day_number(date_of(number)) == number


@given(NUMBERS)
def test_a_day_begins_at_midnight_in_london(number: int) -> None:
    begins = beginning_of(number)
    assert (day_at(begins), day_at(begins - 1)) == (number, number - 1)


@given(st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1)), st.integers(-720, 720))
def test_the_day_of_a_moment_is_the_same_in_every_offset(moment: datetime, minutes: int) -> None:
    known = moment.replace(tzinfo=UTC)
    elsewhere = known + timedelta(minutes=minutes)
    assert day_of(known) == day_at(to_micros(known)) == day_number(known.astimezone(LONDON).date())
    assert day_of(elsewhere) == day_of(elsewhere.astimezone(LONDON))


def test_a_number_outside_the_calendar_is_its_first_or_last_day() -> None:
    assert (date_of(day_number(date.max) + 14), date_of(day_number(date.min) - 1)) == (date.max, date.min)


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59-14:00"])
def test_what_lies_after_the_calendar_is_on_its_last_day(text: str) -> None:
    assert date_of(day_at(bounds(text)[1] - 1)) == date_of(day_at(bounds(text)[1])) == date(9999, 12, 31)
    assert from_micros(FOREVER) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001", "0001-01-01", "0001-01-01T00:00:00+14:00"])
def test_what_lies_before_the_calendar_is_on_its_first_whole_day_in_london(text: str) -> None:
    assert date_of(day_at(bounds(text)[0])) in (date(1, 1, 1), date(1, 1, 2))
