"""Days of care in England: calendar days, working days, and the London day an instant falls on.

A working day is Monday to Friday except England's bank holidays, as moved and added by proclamation: in 2020 the
early May holiday fell on Friday the 8th. Day 0 is the day something starts, so seven working days after a Monday
without holidays is the Wednesday of the week after. https://www.gov.uk/bank-holidays
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from holidays import country_holidays

from tandem.clock import LONDON

_LAST = time(23, 59, 59, 999_000)


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in `year` that fall on Monday to Friday, substitute days included."""
    # The library also lists Christmas on a Saturday beside its substitute; such a day takes no working day away.
    return frozenset(day for day in country_holidays("GB", subdiv="ENG", years=year) if day.weekday() < 5)


def is_bank_holiday(day: date) -> bool:
    """Whether `day` is a weekday bank holiday in England."""
    return day in bank_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday and not a bank holiday in England."""
    return day.weekday() < 5 and not is_bank_holiday(day)


def add_days(day: date, days: int) -> date:
    """`days` calendar days later; earlier when negative. The calendar's first or last day where no other is left."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def add_working_days(day: date, working_days: int) -> date:
    """The working day that comes `working_days` after `day`, which itself is day 0; before it when negative.

    With 0 the day itself, be it a working day or not. The calendar's first or last day where no other is left.
    """
    step, end = (1, date.max) if working_days > 0 else (-1, date.min)
    for _ in range(abs(working_days)):
        day = add_days(day, step)
        while day != end and not is_working_day(day):
            day = add_days(day, step)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start`, up to and including `end`; 0 when `end` is not after `start`."""
    days = (start + timedelta(days=passed) for passed in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)


def start_of_london_day(day: date) -> datetime:
    """The first instant of `day` in London, in UTC."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def end_of_london_day(day: date) -> datetime:
    """The last millisecond of `day` in London, in UTC: what is due that day is overdue when `now` is later.

    Millisecond, because that is how exactly we write a FHIR instant; so the due time survives being written.
    """
    return datetime.combine(day, _LAST, tzinfo=LONDON).astimezone(UTC)
