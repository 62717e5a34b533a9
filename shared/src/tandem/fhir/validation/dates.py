"""FHIR dates: which are real, and which comes first when their precision differs (http://hl7.org/fhir/R4/datatypes.html)."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date

_YEAR = r"(?!0000)[0-9]{4}"
_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_NEVER = frozenset(("02-30", "02-31", "04-31", "06-31", "09-31", "11-31"))

_date = re.compile(rf"{_YEAR}(?:-(?:{_DAY}|0[1-9]|1[0-2]))?").fullmatch
_date_time = re.compile(rf"{_YEAR}(?:-(?:{_DAY}(?:T{_CLOCK}{_ZONE})?|0[1-9]|1[0-2]))?").fullmatch
_instant = re.compile(rf"{_YEAR}-{_DAY}T{_CLOCK}{_ZONE}").fullmatch
_time = re.compile(_CLOCK).fullmatch


def is_date(text: str) -> bool:
    """A FHIR date: year, year and month, or a day that exists."""
    return _date(text) is not None and _exists(text)


def is_date_time(text: str) -> bool:
    """A FHIR dateTime: as a date, or with seconds and a zone."""
    return _date_time(text) is not None and _exists(text)


def is_instant(text: str) -> bool:
    """A FHIR instant: to the second at least, with a zone."""
    return _instant(text) is not None and _exists(text)


def is_time(text: str) -> bool:
    """A FHIR time of day, without a zone."""
    return _time(text) is not None


def _exists(text: str) -> bool:
    # Every month has 28 days; only later ones need the calendar.
    if text[8:10] < "29":
        return True
    if text[5:10] == "02-29":
        return isleap(int(text[:4]))
    return text[5:10] not in _NEVER


def not_after(first: object, second: object) -> bool:
    """Whether `first` <= `second` as far as both are precise; true when either is no valid dateTime."""
    if not (isinstance(first, str) and isinstance(second, str)):
        return True
    if first <= second and first[19:] == second[19:] and len(first) == len(second):
        # The usual case: one precision and one zone, where the order of text is the order of time.
        return True
    if not (is_date_time(first) and is_date_time(second)):
        return True
    if len(first) > 10 and len(second) > 10:
        return _moment(first) <= _moment(second)
    one, other = _utc_day(first), _utc_day(second)
    shared = min(len(one), len(other))
    return one[:shared] <= other[:shared]


def _moment(text: str) -> tuple[int, str]:
    """Seconds since the first day of year 1 in UTC, and the fraction as text (0.5 and 0.50 are the same)."""
    clock, zone = (text[11:-1], "+00:00") if text.endswith("Z") else (text[11:-6], text[-6:])
    seconds, _, fraction = clock.partition(".")
    hours, minutes, rest = (int(part) for part in seconds.split(":"))
    offset = (int(zone[1:3]) * 60 + int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    day = date.fromisoformat(text[:10]).toordinal()
    return ((day * 24 + hours) * 60 + minutes - offset) * 60 + rest, fraction.rstrip("0")


def _utc_day(text: str) -> str:
    if len(text) <= 10:
        return text
    day = _moment(text)[0] // 86_400
    return date.fromordinal(min(max(day, 1), date.max.toordinal())).isoformat()
