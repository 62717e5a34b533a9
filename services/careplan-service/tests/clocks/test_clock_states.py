"""Clocks: days of London, the whole last day, and nothing stored that only time changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careplan_service.clocks.shipped_policies import followed_lists, policies
from careplan_service.domain.clocks.clock import Clock
from careplan_service.domain.clocks.policy import Policy, add_months, policies_of
from tandem.clock import LONDON
from tandem.clocks.clock_state import State
from tandem.nhs.working_days import start_of_london_day


def policy(name: str) -> Policy:
    return next(each for each in policies() if each.name == name)


AGREED = policy("agreed-within-seven-days/stay@1")
COMMUNITY_INPUT = policy("community-input-within-seven-working-days/stay@1")
STARTS, DUE = start_of_london_day(date(2020, 7, 1)), AGREED.due(date(2020, 7, 1))
WARN = AGREED.warning(date(2020, 7, 8))


def clock(stopped: datetime | None = None, closed: datetime | None = None) -> Clock:
    return Clock("membership/1", AGREED.kind, AGREED.name, STARTS, DUE, WARN, stopped, closed)


def test_agreeing_on_day_seven_meets_the_clock_and_day_eight_does_not() -> None:
    last_minute = datetime(2020, 7, 8, 23, 59, tzinfo=LONDON)
    next_day = datetime(2020, 7, 9, 0, 0, tzinfo=LONDON)
    assert clock(stopped=last_minute).met(next_day) is True
    assert clock(stopped=next_day).met(next_day) is False
    assert clock().state(last_minute) is State.RUNNING
    assert clock().state(next_day) is State.OVERDUE
    assert [clock(stopped=last_minute).breached, clock(stopped=next_day).breached] == [False, True]


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
    assert not clock().due_soon(WARN - timedelta(seconds=1))
    assert clock().due_soon(WARN)
    assert not clock().due_soon(DUE + timedelta(seconds=1)), "overdue is no longer soon"


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_the_seventh_day_is_seven_dates_later(admitted: date) -> None:
    due = AGREED.due(admitted)
    assert due.astimezone(LONDON).date() - admitted == timedelta(days=7)
    assert (due + timedelta(milliseconds=1)).astimezone(LONDON).date() - admitted == timedelta(days=8)
    assert COMMUNITY_INPUT.due(admitted) >= due


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 7, 1), 12, date(2021, 7, 1)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2020, 12, 31), 1, date(2021, 1, 31)),
        (date(9999, 12, 31), 12, date.max),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


def test_the_file_says_of_each_clock_what_asks_for_it() -> None:
    assert len({each.name for each in policies()}) == len(policies())
    assert all(each.requirements and each.source and each.stops for each in policies())
    assert {"care-home-residents", "anticipatory-care", "housebound"} <= followed_lists()


@pytest.mark.parametrize(
    "wrong", [{"within": {"weeks": 1}}, {"within": {"days": 0}}, {"begins": "stay"}, {"begins": "dawn"}]
)
def test_a_file_with_a_mistake_is_refused(wrong: dict[str, object]) -> None:
    row = {
        "kind": "k", "version": "1", "from": date(2020, 1, 1), "begins": "plan", "within": {"days": 1},
        "warn_days_before": 0, "stops": ["plan-agreed"], "requirements": ["EHCH-039"], "source": "000",
    }  # fmt: skip
    assert len(policies_of({"policies": [row]})) == 1
    with pytest.raises(ValueError, match=r"within|list|Begins"):
        policies_of({"policies": [{**row, **wrong}]})


def test_a_policy_governs_what_begins_while_it_holds() -> None:
    row = {
        "kind": "k", "version": "2", "from": date(2020, 1, 1), "until": date(2020, 3, 31), "begins": "plan",
        "within": {"days": 1}, "warn_days_before": 0, "stops": ["plan-agreed"], "requirements": [], "source": "000",
    }  # fmt: skip
    [held] = policies_of({"policies": [row]})
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2020, 3, 31), date(2020, 4, 1))
    assert [held.governs(day) for day in days] == [False, True, True, False]
