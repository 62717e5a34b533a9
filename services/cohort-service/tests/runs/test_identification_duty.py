"""Twice in any twelve months, six months apart; and once by a day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.identification_duty import (
    DutyRule,
    add_months,
    gaps_too_long,
    is_complete,
    notice_day,
    standing,
    standing_together,
)
from cohort_service.runs.duties import duties

TWICE = DutyRule("SMR", date(2020, 4, 1), every_months=6, notice_days=30)
ONCE = DutyRule("AC", date(2020, 4, 1), first_by=date(2020, 6, 30))
DAYS = st.dates(date(2020, 4, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    ("runs", "today", "due", "overdue"),
    [
        ([], date(2020, 10, 1), date(2020, 10, 1), False),
        ([], date(2020, 10, 2), date(2020, 10, 1), True),
        ([date(2020, 7, 1)], date(2021, 1, 1), date(2021, 1, 1), False),
        ([date(2020, 7, 1)], date(2021, 1, 2), date(2021, 1, 1), True),
        ([date(2020, 7, 1), date(2021, 1, 2)], date(2021, 1, 2), date(2021, 7, 2), False),
        ([date(2020, 8, 31)], date(2021, 2, 28), date(2021, 2, 28), False),
        ([date(2020, 8, 31)], date(2021, 3, 1), date(2021, 2, 28), True),
        ([date(2022, 1, 1)], date(2020, 9, 1), date(2020, 10, 1), False),
    ],
)
def test_the_next_run_is_due_six_months_after_the_last(
    runs: list[date], today: date, due: date, overdue: bool
) -> None:
    found = standing(TWICE, runs, today)
    assert (found.due, found.overdue) == (due, overdue)


def test_tolerance_is_granted_after_the_gap() -> None:
    lenient = DutyRule("SMR", date(2020, 4, 1), every_months=6, tolerance_days=7, notice_days=30)
    assert not standing(lenient, [date(2020, 7, 1)], date(2021, 1, 8)).overdue
    assert standing(lenient, [date(2020, 7, 1)], date(2021, 1, 9)).overdue
    assert notice_day(lenient, date(2021, 1, 8)) == date(2020, 12, 9)


def test_a_list_by_a_day_is_owed_until_it_is_there_and_then_no_more() -> None:
    assert not standing(ONCE, [], date(2020, 6, 30)).overdue
    assert standing(ONCE, [], date(2020, 7, 1)).overdue
    late = standing(ONCE, [date(2020, 8, 1)], date(2022, 1, 1))
    assert (late.due, late.overdue, late.last) == (None, False, date(2020, 8, 1))


def test_who_joined_later_owes_from_then() -> None:
    assert standing(TWICE, [], date(2021, 1, 1), since=date(2020, 9, 15)).due == date(2021, 3, 15)


def test_a_network_is_behind_while_one_practice_is() -> None:
    done = standing(TWICE, [date(2021, 1, 2)], date(2021, 1, 3))
    behind = standing(TWICE, [date(2020, 7, 1)], date(2021, 1, 3))
    never = standing(TWICE, [], date(2021, 1, 3))
    together = standing_together([done, behind])
    assert (together.overdue, together.last, together.due) == (True, date(2020, 7, 1), date(2021, 1, 1))
    assert standing_together([done, never]).last is None
    assert not standing_together([]).overdue


@given(st.lists(DAYS, max_size=8), DAYS)
def test_it_is_overdue_exactly_when_the_last_gap_is_too_long(runs: list[date], today: date) -> None:
    seen = [day for day in runs if day <= today]
    begins = max(seen, default=TWICE.begins)
    assert standing(TWICE, runs, today).overdue == (today > add_months(begins, 6))
    assert standing(TWICE, runs, today) == standing(TWICE, [*reversed(runs), *runs], today)


@given(st.lists(DAYS, min_size=1, max_size=8, unique=True))
def test_without_a_long_gap_there_are_two_runs_in_any_twelve_months(runs: list[date]) -> None:
    ordered = sorted(runs)
    if gaps_too_long(TWICE, runs):
        assert any(later > add_months(earlier, 6) for earlier, later in pairwise(ordered))
        return
    day = ordered[0] + timedelta(days=366)
    while day <= ordered[-1]:
        assert standing(TWICE, runs, day).in_twelve_months >= 2
        day += timedelta(days=30)


def test_a_run_is_complete_with_every_required_cohort() -> None:
    required = duties()["SMR"].must_consider
    assert len(required) == 8
    assert is_complete(required, [*required, "more"])
    assert not is_complete(required, list(required)[1:])
    assert not is_complete({}, ["anything"])
