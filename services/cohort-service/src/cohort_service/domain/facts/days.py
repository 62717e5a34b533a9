"""FHIR dates as whole days in London, counted from 1 January 1970 (http://hl7.org/fhir/R4/datatypes.html#dateTime)."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from tandem.clock import LONDON, from_micros

_FIRST = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=65_536)
def day_of(text: str) -> int:
    """The day of a date, dateTime or instant; of a date without a day or month the first that it may mean.

    Raises ValueError for what is no FHIR date.
    """
    if len(text) > 10:
        return _london(text)
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1).toordinal() - _FIRST


@lru_cache(maxsize=65_536)
def last_day_of(text: str) -> int:
    """As `day_of`, but of a date without a day or month the last day that it may mean."""
    if len(text) > 10:
        return _london(text)
    year, month, day = _parts(text)
    if day is not None:
        return date(year, month or 1, day).toordinal() - _FIRST
    if month is not None and month < 12:
        return date(year, month + 1, 1).toordinal() - 1 - _FIRST
    return date(year, 12, 31).toordinal() - _FIRST


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


def day_at(micros: int) -> int:
    """The day in London at a moment in microseconds since 1970."""
    return from_micros(micros).astimezone(LONDON).date().toordinal() - _FIRST


def months_after(day: int, months: int) -> int:
    """The same day so many months later (or earlier), or the last day of that month when it has no such day."""
    start = date.fromordinal(day + _FIRST)
    years, month = divmod(start.month - 1 + months, 12)
    for length in (start.day, 30, 29, 28):
        if length <= start.day:
            try:
                return date(start.year + years, month + 1, length).toordinal() - _FIRST
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
        return datetime.fromisoformat(readable).astimezone(LONDON).date().toordinal() - _FIRST
    except OverflowError:
        # The first and the last day of the calendar have no neighbour to move to.
        return date.fromisoformat(text[:10]).toordinal() - _FIRST
