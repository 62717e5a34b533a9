"""Which days the pages count: by hand from the calendar."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from metrics_service.dashboard.numbers import counted, in_unit
from metrics_service.dashboard.periods import a_year_before, complete_periods, year_so_far


def test_the_year_so_far_begins_on_1_april() -> None:
    period = year_so_far(date(2020, 7, 1))
    assert (period.first, period.last, period.name) == (date(2020, 4, 1), date(2020, 7, 1), "2020/21 up to 1 Jul 2020")
    assert year_so_far(date(2021, 3, 31)).first == date(2020, 4, 1)


def test_the_same_days_of_the_year_before() -> None:
    before = a_year_before(year_so_far(date(2024, 2, 29)))
    assert (before.first, before.last) == (date(2022, 4, 1), date(2023, 2, 28))


@pytest.mark.parametrize(
    ("day", "frequency", "number", "first", "last"),
    [
        (date(2020, 7, 1), "monthly", 12, ("Jul 2019", date(2019, 7, 1)), ("Jun 2020", date(2020, 6, 30))),
        (date(2020, 7, 31), "monthly", 12, ("Aug 2019", date(2019, 8, 1)), ("Jul 2020", date(2020, 7, 31))),
        (date(2020, 7, 1), "quarterly", 8, ("Jul to Sep 2018", date(2018, 7, 1)),
         ("Apr to Jun 2020", date(2020, 6, 30))),
        (date(2020, 6, 29), "quarterly", 8, ("Apr to Jun 2018", date(2018, 4, 1)),
         ("Jan to Mar 2020", date(2020, 3, 31))),
        (date(2020, 7, 1), "yearly", 5, ("2015/16", date(2015, 4, 1)), ("2019/20", date(2020, 3, 31))),
        (date(2020, 3, 31), "yearly", 5, ("2015/16", date(2015, 4, 1)), ("2019/20", date(2020, 3, 31))),
        (date(2020, 1, 15), "", 12, ("Jan 2019", date(2019, 1, 1)), ("Dec 2019", date(2019, 12, 31))),
    ],
)  # fmt: skip
def test_complete_periods(
    day: date, frequency: str, number: int, first: tuple[str, date], last: tuple[str, date]
) -> None:
    found = complete_periods(day, frequency)
    assert len(found) == number
    assert (found[0].name, found[0].first) == first
    assert (found[-1].name, found[-1].last) == last
    assert all(one.last.toordinal() + 1 == two.first.toordinal() for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(45.23, "percent", "45.2%"), (3.126, "per-1000", "3.13 per 1,000"), (1200.5, "pounds", "£1,200.50"),
     (1200, "pounds", "£1,200"), (12345, "people", "12,345"), (0, "percent", "0%"), (None, "percent", "no figure"),
     (2.5, "hours", "2.5 hours")],
)  # fmt: skip
def test_a_figure_in_words(value: float | None, unit: str, words: str) -> None:
    assert in_unit(value, unit) == words


def test_what_was_counted() -> None:
    assert counted(45, 120) == "45 of 120"
    assert counted(1, None) == "1 counted"
