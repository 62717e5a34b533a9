"""FHIR dates: which exist, and their order across precision and zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.fhir.validation.dates import is_date, is_date_time, is_instant, is_time, not_after


@pytest.mark.parametrize("text", ["2020", "2020-02", "2020-02-29", "0001", "9999-12-31", "2000-02-29"])
def test_dates_that_exist(text: str) -> None:
    assert is_date(text)
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    ["", "0000", "20", "2020-13", "2020-00", "2020-02-30", "2019-02-29", "1900-02-29", "2020-04-31", "2020-2-1",
     "２０２０", "2020-02-01\n", "01/02/2021", "2020-02-01T10:00:00Z"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert not is_date(text)


@pytest.mark.parametrize(
    "text",
    ["2020-02-01T10:00", "2020-02-01T10:00:00", "2020-02-01T24:00:00Z", "2020-02-30T10:00:00Z", "2020-02T10:00:00Z",
     "2020-02-01T10:00:00+14:30", "2020-02-01 10:00:00Z", "2020-02-01T10:00:00.Z", "2020-02-01T10:60:00Z"],
)  # fmt: skip
def test_what_is_no_date_time(text: str) -> None:
    assert not is_date_time(text)
    assert not is_instant(text)


def test_an_instant_needs_a_time_and_a_time_no_zone() -> None:
    assert is_instant("2020-02-01T10:00:00.123Z")
    assert not is_instant("2020-02-01")
    assert is_time("23:59:59.5")
    assert not is_time("10:00:00Z")
    assert not is_time("10:00")


@given(day=st.dates())
def test_every_day_of_the_calendar_exists_and_no_other(day: date) -> None:
    assert is_date(day.isoformat())
    later = f"{day.year:04}-{day.month:02}-{day.day + 1:02}"
    assert is_date(later) == (day.day + 1 <= 31 and _is_real(later))


def _is_real(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


zones = st.integers(-13 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=zones)


@given(first=moments, second=moments)
def test_the_order_of_moments_is_that_of_time(first: datetime, second: datetime) -> None:
    assert not_after(_text(first), _text(second)) == (first <= second)


@given(first=moments, second=moments)
def test_the_order_of_a_moment_and_a_day_is_that_of_days_in_utc(first: datetime, second: datetime) -> None:
    day = second.date()
    assert not_after(_text(first), day.isoformat()) == (first.astimezone(UTC).date() <= day)
    assert not_after(day.isoformat(), _text(first)) == (day <= first.astimezone(UTC).date())


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ("2020", "2020-01-01", True),
        ("2020-06", "2020", True),
        ("2020-06", "2020-05-31", False),
        ("2021", "2020-12-31", False),
        ("2020-01-01T00:30:00+01:00", "2019-12-31", True),
        ("2020-01-01T10:00:00.5Z", "2020-01-01T10:00:00.50Z", True),
        ("0001-01-01T00:00:00+14:00", "0001-01-01", True),
        ("9999-12-31T23:59:59-14:00", "9999-12-31", True),
        ("not a date", "2020", True),
        (None, "2020", True),
        ("2020", 5, True),
    ],
)
def test_what_cannot_be_told_apart_is_in_order(first: object, second: object, holds: bool) -> None:
    assert not_after(first, second) is holds
