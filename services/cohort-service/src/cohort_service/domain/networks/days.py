"""Spans of whole days in London, counted from 1 January 1970; the last day belongs to the span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from tandem.clock import LONDON, from_micros, to_micros
from tandem.identity.periods import FOREVER as END_OF_TIME
from tandem.identity.periods import bounds
from tandem.london_days import date_of, day_number, day_of

ALWAYS: Final = 0
"""The first day of what names none."""
FOREVER: Final = day_number(date(9999, 12, 31))
"""The last day of what names none."""


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, day: int) -> bool:
        return self.first <= day <= self.last


def last_moment(number: int) -> int:
    """The last microsecond of a day in London: whatever begins in the course of a day is in force on it."""
    if number >= FOREVER:
        return END_OF_TIME - 1
    following = date_of(number) + timedelta(days=1)
    return to_micros(datetime(following.year, following.month, following.day, tzinfo=LONDON).astimezone(UTC)) - 1


def days_of(period: dict[str, Any] | None) -> Days:
    """The days of a FHIR Period; an open side has no bound. A month or year without a day is all of it."""
    start, end = (period or {}).get("start"), (period or {}).get("end")
    first = day_of(from_micros(bounds(str(start))[0])) if start else ALWAYS
    last = day_of(from_micros(bounds(str(end))[1] - 1)) if end else FOREVER
    return Days(first, last)


def days_in_force(resource: dict[str, Any], today: int) -> Days:
    """The days of the `period` of a resource; what is not active ended today, if it did not end sooner."""
    days = days_of(resource.get("period"))
    return Days(days.first, min(days.last, today)) if resource.get("active") is False else days


def period_of(days: Days) -> dict[str, str]:
    """The FHIR Period of these days."""
    period = {}
    if days.first != ALWAYS:
        period["start"] = date_of(days.first).isoformat()
    if days.last != FOREVER:
        period["end"] = date_of(days.last).isoformat()
    return period
