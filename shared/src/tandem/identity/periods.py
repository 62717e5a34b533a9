"""Spans of time as pairs of microseconds, `[starts, ends)`, and how FHIR dates become such spans.

A date without a time is a day in London (http://hl7.org/fhir/R4/datatypes.html#dateTime gives it no zone).
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, datetime, timedelta
from typing import Any

from tandem.clock import LONDON, to_micros

Period = tuple[int, int]

BEGINNING = 0
"""The start of what names none: 1970, before any person's record was shared here."""
FOREVER = 253_402_300_800_000_000
"""The end of what names none: the year 10000."""
ALWAYS: Period = (BEGINNING, FOREVER)

_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?"
)  # fmt: skip


def bounds(text: str) -> Period:
    """The span that a FHIR date, dateTime or instant stands for at its precision. Raises ValueError for other text."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("not a FHIR date or dateTime")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if hour is not None:
        return _moment(f"{year}-{month}-{day}T{hour}:{minute}", second, fraction, zone)
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=LONDON)
    if _ends_with_the_calendar(first, month, day):
        return to_micros(first), FOREVER
    return to_micros(first), to_micros(_following(first, month, day))


def _moment(minute: str, second: str | None, fraction: str | None, zone: str) -> Period:
    start = datetime.fromisoformat(f"{minute}:00{'+00:00' if zone == 'Z' else zone}")
    # A leap second is written 60, and no calendar here knows it.
    low = to_micros(start) + min(int(second or 0), 59) * 1_000_000
    if second is None:
        return low, low + 60_000_000
    if fraction is None:
        return low, low + 1_000_000
    digits = min(len(fraction) - 1, 6)
    low += int(fraction[1 : digits + 1].ljust(6, "0"))
    return low, low + int(10 ** (6 - digits))


def _ends_with_the_calendar(first: datetime, month: str | None, day: str | None) -> bool:
    """Many systems write 9999-12-31 for no end, and no day follows it here."""
    return first.year == MAXYEAR and (month is None or first.month == 12) and (day is None or first.day == 31)


def _following(first: datetime, month: str | None, day: str | None) -> datetime:
    if day is not None:
        return first + timedelta(days=1)
    if month is not None:
        return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first.replace(year=first.year + 1)


def period_of(period: dict[str, Any] | None) -> Period:
    """The span of a FHIR Period, its end included; an open side has no bound."""
    start = (period or {}).get("start")
    end = (period or {}).get("end")
    return bounds(start)[0] if start else BEGINNING, bounds(end)[1] if end else FOREVER


def overlap(one: Period, other: Period) -> Period:
    """What two spans have in common; it may be empty, then its end is not after its start."""
    return max(one[0], other[0]), min(one[1], other[1])
