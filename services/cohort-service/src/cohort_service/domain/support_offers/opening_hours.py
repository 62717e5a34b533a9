"""When a HealthcareService is there: `availableTime` by the week, and `notAvailable` on days when it is not.

http://hl7.org/fhir/R4/healthcareservice.html. Hours are those of clocks in London, whatever the time of year. Hours
that end before they begin go on into the next day. A service without `availableTime` says nothing of its hours, and is
at no time known to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from tandem.clock import LONDON, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import overlap, period_of

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = 24 * 60 * 60
WEEK: Final = 7 * DAY
Span = tuple[int, int]
"""Seconds since Monday 00:00, `[first, last)`, within one week."""
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?")
_PLACE = "HealthcareService.availableTime"


def weekly_hours(service: Resource) -> list[Span]:
    """The hours of a week, apart from each other and in their order. What is not well formed is left out."""
    return _merged(span for each in service.get("availableTime") or () for span in _spans(each))


def states_hours(service: Resource) -> bool:
    """Whether it says at all when it is there."""
    return bool(weekly_hours(service))


def is_open(service: Resource, at: datetime) -> bool:
    """Whether it is there at a moment, which has an offset."""
    local = at.astimezone(LONDON)
    second = local.weekday() * DAY + local.hour * 3600 + local.minute * 60 + local.second
    if not any(first <= second < last for first, last in weekly_hours(service)):
        return False
    moment = to_micros(at)
    return not any(first <= moment < last for first, last in _absences(service))


def is_away(service: Resource, first: int, last: int, *, throughout: bool) -> bool:
    """Whether it is not there for a part of the time from `first` to `last` (microseconds), or for all of it."""
    away = [overlap(each, (first, last)) for each in _merged(_absences(service))]
    if throughout:
        return any(each == (first, last) for each in away)
    return any(start < end for start, end in away)


def not_covered(hours: Iterable[Span]) -> list[Span]:
    """What these hours, of one service or of several, leave open of a week."""
    open_from, left = 0, []
    for first, last in _merged(hours):
        if first > open_from:
            left.append((open_from, first))
        open_from = last
    return [*left, (open_from, WEEK)] if open_from < WEEK else left


def span_in_words(span: Span) -> str:
    """Such as `fri 17:00 to mon 08:00`; the end of a day is written 24:00."""
    first, last = span
    return f"{DAYS[first // DAY]} {_clock(first % DAY)} to {DAYS[(last - 1) // DAY]} {_clock((last - 1) % DAY + 1)}"


def hours_in_words(service: Resource) -> list[str]:
    """The hours as they are written, such as `mon, tue 09:00 to 17:00`, `every day all day`."""
    return [
        f"{', '.join(each.get('daysOfWeek') or ()) or 'every day'} {_times_in_words(each)}"
        for each in service.get("availableTime") or () if _seconds(each) is not None
    ]  # fmt: skip


def hours_faults(service: Resource) -> Iterator[Issue]:
    """Hours that cannot be read: each is all day, or has a beginning and another end."""
    for number, each in enumerate(service.get("availableTime") or ()):
        if _seconds(each) is None:
            text = "Hours are all day, or from availableStartTime to another availableEndTime (hh:mm:ss)"
            yield Issue(f"{text}; an end before the beginning is on the next day", f"{_PLACE}[{number}]", "value")
        elif not set(each.get("daysOfWeek") or ()) <= set(DAYS):
            yield Issue(f"daysOfWeek are of {', '.join(DAYS)}", f"{_PLACE}[{number}].daysOfWeek", "code-invalid")
    for number, each in enumerate(service.get("notAvailable") or ()):
        during = each.get("during") or {}
        try:
            first, last = period_of(during)
        except (ValueError, OverflowError):
            first, last = 0, 0
        if during and first >= last:
            place = f"HealthcareService.notAvailable[{number}].during"
            yield Issue("during is a period that ends after it begins", place, "value")


def _spans(hours: dict[str, Any]) -> Iterator[Span]:
    seconds = _seconds(hours)
    if seconds is None:
        return
    first, last = seconds
    for day in hours.get("daysOfWeek") or DAYS:
        if day not in DAYS:
            continue
        begins = DAYS.index(day) * DAY
        start, end = begins + first, begins + last + (DAY if last <= first else 0)
        yield start, min(end, WEEK)
        if end > WEEK:
            yield 0, end - WEEK


def _seconds(hours: dict[str, Any]) -> tuple[int, int] | None:
    if hours.get("allDay") is True:
        return 0, DAY
    first, last = (_second(hours.get(name)) for name in ("availableStartTime", "availableEndTime"))
    return None if first is None or last is None or first == last else (first, last)


def _second(value: Any) -> int | None:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    hour, minute, second = map(int, match.groups())
    return hour * 3600 + minute * 60 + second


def _absences(service: Resource) -> Iterator[Span]:
    """Microseconds. An absence without times is words alone, and so is one that cannot be read."""
    for each in service.get("notAvailable") or ():
        during = each.get("during") or {}
        if during.get("start") or during.get("end"):
            try:
                yield period_of(during)
            except (ValueError, OverflowError):
                continue


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _times_in_words(hours: dict[str, Any]) -> str:
    if hours.get("allDay") is True:
        return "all day"
    return f"{str(hours['availableStartTime'])[:5]} to {str(hours['availableEndTime'])[:5]}"


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"
