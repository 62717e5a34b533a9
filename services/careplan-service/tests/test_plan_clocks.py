"""Clocks of a plan: days of London, the whole last day, and nothing stored that only time changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.plan_clocks import AGREED, COMMUNITY_INPUT, Clock, State, admission, starts
from tandem.clock import LONDON

STARTS, DUE = starts(date(2020, 7, 1)), AGREED.due(date(2020, 7, 1))


def clock(stopped: datetime | None = None, closed: datetime | None = None) -> Clock:
    return Clock("plan", AGREED.kind, AGREED.name, STARTS, DUE, stopped, closed)


def test_agreeing_on_day_seven_meets_the_clock_and_day_eight_does_not() -> None:
    last_minute = datetime(2020, 7, 8, 23, 59, tzinfo=LONDON)
    next_day = datetime(2020, 7, 9, 0, 0, tzinfo=LONDON)
    assert clock(stopped=last_minute).met(next_day) is True
    assert clock(stopped=next_day).met(next_day) is False
    assert clock().state(last_minute) is State.RUNNING
    assert clock().state(next_day) is State.OVERDUE


@pytest.mark.parametrize(
    ("admitted", "due"),
    [
        (date(2020, 3, 25), "2020-04-01T22:59:59.999+00:00"),  # clocks go forward on the 29th: the last day is summer's
        (date(2020, 10, 21), "2020-10-28T23:59:59.999+00:00"),  # and back on the 25th
        (date(2020, 7, 1), "2020-07-08T22:59:59.999+00:00"),
        (date(2020, 12, 28), "2021-01-04T23:59:59.999+00:00"),
    ],
)
def test_a_change_of_clocks_moves_no_day(admitted: date, due: str) -> None:
    assert AGREED.due(admitted) == datetime.fromisoformat(due)


def test_community_input_counts_working_days() -> None:
    # Friday 8 May 2020 was the moved early May bank holiday.
    assert COMMUNITY_INPUT.due(date(2020, 5, 1)).astimezone(LONDON).date() == date(2020, 5, 13)


def test_a_clock_is_as_it_was_at_a_moment() -> None:
    stopped = STARTS + timedelta(days=3)
    assert clock(stopped=stopped).state(stopped - timedelta(seconds=1)) is State.RUNNING
    assert clock(stopped=stopped).state(stopped) is State.STOPPED
    assert clock(closed=stopped).state(stopped) is State.CLOSED
    assert clock(closed=stopped).met(DUE + timedelta(days=1)) is None
    assert clock().met(STARTS) is None


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_the_seventh_day_is_seven_dates_later(admitted: date) -> None:
    due = AGREED.due(admitted)
    assert due.astimezone(LONDON).date() - admitted == timedelta(days=7)
    assert (due + timedelta(milliseconds=1)).astimezone(LONDON).date() - admitted == timedelta(days=8)
    assert COMMUNITY_INPUT.due(admitted) >= due


def test_an_admission_is_the_date_of_a_fhir_date() -> None:
    assert admission("2020-07-01") == admission("2020-07-01T09:30:00+01:00") == date(2020, 7, 1)
    assert starts(date(2020, 7, 1)) == datetime(2020, 6, 30, 23, 0, tzinfo=UTC)
