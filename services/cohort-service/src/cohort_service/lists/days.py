"""Days in London as dates, as numbers (see `day_number`), and as the moments at which they begin."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from cohort_service.domain.definition_language.days import day_number
from tandem.clock import LONDON, from_micros, to_micros

_FIRST = date(1970, 1, 1)


def today(now: datetime) -> date:
    """The date in London."""
    return now.astimezone(LONDON).date()


def date_of(number: int) -> date:
    """The date of a number of days."""
    return _FIRST + timedelta(days=number)


def beginning_of(number: int) -> int:
    """The microseconds at which the day begins in London."""
    return to_micros(datetime.combine(date_of(number), time(), LONDON))


def day_at(micros: int) -> int:
    """The number of the day in London at this moment."""
    return day_number(from_micros(micros).astimezone(LONDON).date())
