"""The days that the pages count: a financial year so far, and the complete months, quarters or years before."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from metrics_service.domain.measures.span import Span
from tandem.nhs.financial_year import first_day, year_of

_MONTHS: Final = {"monthly": 1, "quarterly": 3, "yearly": 12}
_POINTS: Final = {"monthly": 12, "quarterly": 8, "yearly": 5}
_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included, and how the period is called."""

    first: date
    last: date
    name: str

    @property
    def span(self) -> Span:
        """As measures take it."""
        return Span(self.first.toordinal(), self.last.toordinal())

    @property
    def year(self) -> str:
        """The financial year in which it ends."""
        return year_of(self.last)


def year_so_far(day: date) -> Period:
    """From 1 April to the day."""
    year = year_of(day)
    return Period(first_day(year), day, f"{year} up to {written(day)}")


def a_year_before(period: Period) -> Period:
    """The same days of the year before."""
    first, last = (_year_earlier(day) for day in (period.first, period.last))
    return Period(first, last, f"the same days of {year_of(last)}")


def complete_periods(day: date, frequency: str) -> list[Period]:
    """The last complete periods of a frequency (months unless it says otherwise), up to the day, oldest first.

    Quarters and years are those of the financial year.
    """
    months = _MONTHS.get(frequency, 1)
    number = day.year * 12 + day.month - 1
    after = number + 1 if _last_of(number) == day else number
    # April is month 3 of a calendar year, and begins the financial one.
    after -= (after - 3) % months
    starts = range(after - months * _POINTS.get(frequency, 12), after, months)
    return [_period(start, months) for start in starts]


def written(day: date) -> str:
    """Such as 1 Jul 2020."""
    return f"{day.day} {_NAMES[day.month - 1]} {day.year}"


def _period(start: int, months: int) -> Period:
    first, last = date(start // 12, start % 12 + 1, 1), _last_of(start + months - 1)
    name = f"{_NAMES[first.month - 1]} {first.year}"
    if months == 12:
        name = year_of(first)
    elif months > 1:
        name = f"{_NAMES[first.month - 1]} to {_NAMES[last.month - 1]} {last.year}"
    return Period(first, last, name)


def _last_of(number: int) -> date:
    year, month = divmod(number, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _year_earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
