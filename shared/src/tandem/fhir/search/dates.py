"""FHIR dates as ranges: `[low, high)` in microseconds since 1970 UTC (http://hl7.org/fhir/R4/search.html#date).

A date is as wide as it is written: `2020` is a year, `2020-03-01` a day. Where no offset is written, the day is the
one of Europe/London.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from tandem.clock import LONDON, to_micros

EARLIEST = -(2**62)
LATEST = 2**62
_SECOND = 1_000_000

_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


@lru_cache(maxsize=16_384)
def date_range(text: str) -> tuple[int, int]:
    """The range of a FHIR date, dateTime or instant. Raises ValueError when it is none."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not a FHIR date")
    year, month, day, hour, _, second, fraction, zone = form.groups()
    if hour is not None:
        return _time_range(text[:16], second, fraction, zone)
    start = date(int(year), int(month or 1), int(day or 1))
    if day:
        return _midnight(start), _after(start, 1)
    if month:
        return _midnight(start), _after(start.replace(day=28), 4, first_of_month=True)
    return _midnight(start), _after(start.replace(month=12, day=31), 1)


def _time_range(minute: str, second: str | None, fraction: str | None, zone: str | None) -> tuple[int, int]:
    moment = datetime.fromisoformat(minute + (zone or "")) if zone != "Z" else datetime.fromisoformat(minute + "+00:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    low = to_micros(moment)
    if second is None:
        return low, low + 60 * _SECOND
    if int(second) > 60:
        raise ValueError("not a FHIR time")
    # A leap second counts as the second before it.
    low += min(int(second), 59) * _SECOND
    if not fraction:
        return low, low + _SECOND
    digits = fraction[:6]
    step: int = 10 ** (6 - len(digits))
    return low + int(digits) * step, low + (int(digits) + 1) * step


def _midnight(day: date) -> int:
    if day.year == 1:
        return EARLIEST
    return to_micros(datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC))


def _after(day: date, days: int, *, first_of_month: bool = False) -> int:
    try:
        later = day + timedelta(days=days)
    except OverflowError:
        return LATEST
    return _midnight(later.replace(day=1) if first_of_month else later)


def period_range(period: dict[str, Any]) -> tuple[int, int] | None:
    """The range of a Period; a missing start or end is open. None when neither can be read."""
    low, high = EARLIEST, LATEST
    found = False
    start, end = period.get("start"), period.get("end")
    if isinstance(start, str):
        low, found = date_range(start)[0], True
    if isinstance(end, str):
        high, found = date_range(end)[1], True
    return (low, high) if found else None
