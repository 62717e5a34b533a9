"""The calendar of definitions: spans counted back from a day, and ages."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from cohort_service.domain.definition_language.nodes import Span

_DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.2425 / 12, "years": 365.2425}


def back(as_of: date, span: Span) -> date:
    """The day that lies `span` before `as_of`.

    Months and years keep the day of the month; where the month has no such day, its last one is taken: one month
    before 31 March is 29 February in a leap year, one year before 29 February is 28 February.
    """
    match span.unit:
        case "days":
            return as_of - timedelta(days=span.amount)
        case "weeks":
            return as_of - timedelta(weeks=span.amount)
        case "months":
            return _months_back(as_of, span.amount)
        case "years":
            return _months_back(as_of, 12 * span.amount)


def _months_back(as_of: date, months: int) -> date:
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    return date(year, month + 1, min(as_of.day, monthrange(year, month + 1)[1]))


def latest_birth(as_of: date, years: int) -> date:
    """The latest day of birth of somebody who has completed `years` years at `as_of`.

    Who was born on 29 February completes a year on 1 March where the year has no such day: nobody is older than they
    surely are.
    """
    return _months_back(as_of, 12 * years)


def rough_days(span: Span) -> float:
    """About how many days a span has: enough to tell which of two is longer."""
    return span.amount * _DAYS[span.unit]
