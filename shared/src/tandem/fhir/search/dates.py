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
_EPOCH = date(1970, 1, 1).toordinal()

_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


@lru_cache(maxsize=16_384)
def date_range(text: str) -> tuple[int, int]:
    """The range of a FHIR date, dateTime or instant. Raises ValueError when it is none."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not a FHIR date")
    year, month, day, hour = form.group(1, 2, 3, 4)
    if hour is not None:
        return _time_range(text[:10], *form.group(4, 5, 6, 7, 8))
    start = date(int(year), int(month or 1), int(day or 1))
    if day:
        return _midnight(start), _after(start, 1)
    if month:
        return _midnight(start), _after(start.replace(day=28), 4, first_of_month=True)
    return _midnight(start), _after(start.replace(month=12, day=31), 1)


def _time_range(
    day: str, hour: str, minute: str, second: str | None, fraction: str | None, zone: str | None
) -> tuple[int, int]:
    if hour > "23" or minute > "59" or (second or "0") > "60":
        raise ValueError("not a FHIR time")
    low = _utc_midnight(day) + (int(hour) * 60 + int(minute) - _offset(day, hour, minute, zone)) * 60 * _SECOND
    if second is None:
        return low, low + 60 * _SECOND
    # A leap second counts as the second before it.
    low += min(int(second), 59) * _SECOND
    if not fraction:
        return low, low + _SECOND
    digits = fraction[:6]
    step: int = 10 ** (6 - len(digits))
    return low + int(digits) * step, low + (int(digits) + 1) * step


def _offset(day: str, hour: str, minute: str, zone: str | None) -> int:
    """Minutes ahead of UTC."""
    if zone == "Z" or zone == "+00:00":
        return 0
    if zone is None:
        offset = datetime.fromisoformat(f"{day}T{hour}:{minute}").replace(tzinfo=LONDON).utcoffset() or timedelta()
        return int(offset.total_seconds()) // 60
    if zone[1:] > "14:00" or zone[4:] > "59":
        raise ValueError("not an offset from UTC")
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return -minutes if zone[0] == "-" else minutes


@lru_cache(maxsize=4096)
def _utc_midnight(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - _EPOCH) * 86_400 * _SECOND


def _midnight(day: date) -> int:
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
