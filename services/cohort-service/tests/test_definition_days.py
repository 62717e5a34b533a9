"""Days counted back from a day, and ages, at the ends of months and on 29 February."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from cohort_service.domain.definition_language.days import back, latest_birth
from cohort_service.domain.definition_language.nodes import Span
from tandem.london_days import day_number


@pytest.mark.parametrize(
    ("as_of", "amount", "unit", "expected"),
    [
        ("2020-07-01", 1, "days", "2020-06-30"),
        ("2020-07-01", 2, "weeks", "2020-06-17"),
        ("2020-07-15", 6, "months", "2020-01-15"),
        ("2020-03-31", 1, "months", "2020-02-29"),
        ("2021-03-31", 1, "months", "2021-02-28"),
        ("2020-01-31", 2, "months", "2019-11-30"),
        ("2020-02-29", 1, "years", "2019-02-28"),
        ("2020-02-29", 4, "years", "2016-02-29"),
        ("2020-07-01", 125, "years", "1895-07-01"),
    ],
)
def test_a_span_is_counted_back_on_the_calendar(
    as_of: str, amount: int, unit: Literal["days", "weeks", "months", "years"], expected: str
) -> None:
    assert back(date.fromisoformat(as_of), Span(amount, unit)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("as_of", "years", "born_by"),
    [
        ("2020-07-01", 65, "1955-07-01"),
        ("2020-07-01", 0, "2020-07-01"),
        ("2021-02-28", 1, "2020-02-28"),
        ("2021-03-01", 1, "2020-03-01"),
        ("2024-02-29", 4, "2020-02-29"),
    ],
)
def test_an_age_is_completed_on_the_birthday_and_that_of_29_february_on_1_march(
    as_of: str, years: int, born_by: str
) -> None:
    assert latest_birth(date.fromisoformat(as_of), years) == date.fromisoformat(born_by)


def test_days_are_counted_from_the_first_of_january_1970() -> None:
    days = (date(1970, 1, 1), date(1969, 12, 31), date(2020, 7, 1))
    assert [day_number(day) for day in days] == [0, -1, 18444]
