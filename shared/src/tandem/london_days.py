"""Whole days in London as numbers, counted from 1 January 1970, so that every comparison is one of integers."""

from __future__ import annotations

from datetime import date, datetime, time

from tandem.clock import LONDON, from_micros, to_micros

_FIRST = date(1970, 1, 1)


def day_number(day: date) -> int:
    """The number of a day."""
    return (day - _FIRST).days


def date_of(number: int) -> date:
    """The day of a number; the calendar's first or last day for a number before or after it."""
    return date.fromordinal(min(max(_FIRST.toordinal() + number, 1), date.max.toordinal()))


def london_date(moment: datetime) -> date:
    """The day in London on which a moment falls. Raises ValueError for a datetime without offset."""
    if moment.tzinfo is None:
        raise ValueError("a day in London needs a moment with an offset")
    return moment.astimezone(LONDON).date()


def day_of(moment: datetime) -> int:
    """The number of the day in London on which a moment falls."""
    return day_number(london_date(moment))


def day_at(micros: int) -> int:
    """The number of the day in London at a moment in microseconds since 1970."""
    return day_of(from_micros(micros))


def beginning_of(number: int) -> int:
    """The microseconds at which the day begins in London."""
    return to_micros(datetime.combine(date_of(number), time(), LONDON))
