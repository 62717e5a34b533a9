"""FHIR dates as whole days in London, counted from 1 January 1970 (http://hl7.org/fhir/R4/datatypes.html#dateTime)."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from tandem.clock import LONDON
from tandem.london_days import date_of, day_number


@lru_cache(maxsize=65_536)
def day_of(text: str) -> int:
    """The day of a date, dateTime or instant; of a date without a day or month the first that it may mean.

    Raises ValueError for what is no FHIR date.
    """
    if len(text) > 10:
        return _london(text)
    year, month, day = _parts(text)
    return day_number(date(year, month or 1, day or 1))


@lru_cache(maxsize=65_536)
def last_day_of(text: str) -> int:
    """As `day_of`, but of a date without a day or month the last day that it may mean."""
    if len(text) > 10:
        return _london(text)
    year, month, day = _parts(text)
    if day is not None:
        return day_number(date(year, month or 1, day))
    if month is not None and month < 12:
        return day_number(date(year, month + 1, 1)) - 1
    return day_number(date(year, 12, 31))


def first_given(*dates: Any) -> int | None:
    """The day of the first of these that is given at all."""
    return next((day_of(str(each)) for each in dates if each), None)


def after_end_of(period: Any) -> int | None:
    """The first day after a Period, whose end belongs to it; None while it is open."""
    end = (period or {}).get("end")
    return last_day_of(str(end)) + 1 if end else None


def written_on(resource: dict[str, Any]) -> int | None:
    """The day on which this version of a resource was written."""
    return first_given((resource.get("meta") or {}).get("lastUpdated"))


def months_after(day: int, months: int) -> int:
    """The same day so many months later (or earlier), or the last day of that month when it has no such day."""
    start = date_of(day)
    years, month = divmod(start.month - 1 + months, 12)
    for length in (start.day, 30, 29, 28):
        if length <= start.day:
            try:
                return day_number(date(start.year + years, month + 1, length))
            except ValueError:
                continue
    raise ValueError("no such month")


def _parts(text: str) -> tuple[int, int | None, int | None]:
    year, *rest = (int(part) for part in text.split("-"))
    month, day = (*rest, None, None)[:2]
    return year, month, day


def _london(text: str) -> int:
    # A leap second is written 60, and no calendar here knows it.
    readable = text.replace(":60", ":59", 1) if ":60" in text[16:19] else text
    try:
        return day_number(datetime.fromisoformat(readable).astimezone(LONDON).date())
    except OverflowError:
        # The first and the last day of the calendar have no neighbour to move to.
        return day_number(date.fromisoformat(text[:10]))
