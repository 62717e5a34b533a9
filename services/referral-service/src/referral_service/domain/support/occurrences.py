"""When regular support is to be delivered: the occurrences of a ServiceRequest.occurrenceTiming (EHCH-049).

000 §3.16 r8: support is one-off or regular. http://hl7.org/fhir/R4/datatypes.html#Timing

Understood are single moments (`event`), and a `repeat` by days, weeks or months from the beginning of its bounds, with
weekdays, times of day, a frequency and a count. What cannot be read is a fault, never something
that nobody follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count as count_from
from itertools import islice
from typing import Any, Final

from tandem.clock import LONDON
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds
from tandem.london_days import date_of, day_at, london_date

UNITS: Final = ("d", "wk", "mo")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_A_TIME: Final = 24
_FIRST: Final = date(1970, 1, 1)
_LAST: Final = date(2200, 1, 1)
_READ: Final = frozenset({"boundsPeriod", "count", "frequency", "period", "periodUnit", "dayOfWeek", "timeOfDay"})
_SAID: Final = frozenset({"id", "extension", "duration", "durationMax", "durationUnit"})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One delivery: `place` names it within its request, `first` to `last` are the days on which it is to be."""

    place: str
    first: date
    last: date

    @property
    def due(self) -> datetime:
        """The end of the last day, Europe/London."""
        return datetime.combine(self.last + timedelta(days=1), time(), LONDON)


def timing_of(request: Resource) -> dict[str, Any] | None:
    """The timing of regular support; None for what is asked for once."""
    timing: dict[str, Any] | None = request.get("occurrenceTiming")
    return timing


def timing_faults(timing: dict[str, Any]) -> Iterator[str]:
    """What of a timing cannot be followed, in words."""
    if timing.get("event"):
        if not all(map(_is_followed, timing["event"])):
            yield "occurrenceTiming.event is moments from 1970 to 2199"
        return
    repeat = timing.get("repeat")
    if not repeat:
        yield "occurrenceTiming says when: by event, or by repeat"
        return
    unread = sorted(set(repeat) - _READ - _SAID)
    if unread:
        yield f"occurrenceTiming.repeat cannot be followed with {', '.join(unread)}; it has {', '.join(sorted(_READ))}"
    if repeat.get("periodUnit") not in UNITS:
        yield "occurrenceTiming.repeat.periodUnit is d, wk or mo: support is followed by days"
    every = repeat.get("period")
    if every is None or every != int(every) or every < 1:
        yield "occurrenceTiming.repeat.period is a whole number, 1 or more"
    if not 1 <= repeat.get("frequency", 1) * max(len(repeat.get("timeOfDay") or ()), 1) <= _MOST_A_TIME:
        yield f"occurrenceTiming.repeat asks for at most {_MOST_A_TIME} deliveries a time"
    named = repeat.get("dayOfWeek") or ()
    if named and repeat.get("periodUnit") != "wk":
        yield "occurrenceTiming.repeat.dayOfWeek goes with periodUnit wk"
    if not all(day in DAYS for day in named):
        yield f"occurrenceTiming.repeat.dayOfWeek is {', '.join(DAYS)}"
    start = (repeat.get("boundsPeriod") or {}).get("start")
    if start is not None and not _is_followed(start):
        yield "occurrenceTiming.repeat.boundsPeriod.start is a moment from 1970 to 2199"


def occurrences(timing: dict[str, Any], since: date) -> Iterator[Occurrence]:
    """The deliveries in order of their days, those of days before `since` left out; of a sound timing only.

    Without a beginning of its own the series begins on `since`. It may go on without end. A `count` counts from the
    beginning of the series, also what was left out.
    """
    events = timing.get("event")
    found = _single(events) if events else _repeated(timing["repeat"], since)
    return (each for each in found if each.last >= since)


def is_bounded(timing: dict[str, Any]) -> bool:
    """Whether a series comes to an end: by moments, a count, or the end of its bounds."""
    repeat = timing.get("repeat") or {}
    return bool(timing.get("event") or repeat.get("count")) or _last_day(repeat) < _LAST


def regular_support_done_by(request: Resource, done: datetime | None, sent: datetime) -> datetime | None:
    """By when a request is to be done: regular support not before its last delivery; None where that has no end."""
    timing = timing_of(request)
    if done is None or timing is None or any(timing_faults(timing)):
        return done
    if not is_bounded(timing):
        return None
    last = _last_delivery(timing, london_date(sent))
    return done if last is None else max(done, datetime.combine(last + timedelta(days=1), time(), LONDON))


def _last_delivery(timing: dict[str, Any], since: date) -> date | None:
    """The last day of a series that comes to an end, without a look at every delivery: there may be a million."""
    events, repeat = timing.get("event"), timing.get("repeat") or {}
    if events:
        return max(map(_first_of, events))
    left, last, found = repeat.get("count"), _last_day(repeat), None
    for begins, ends, many in _times(repeat, _beginning(repeat, since)):
        if begins > last or (left is not None and left <= 0):
            break
        found, left = ends, None if left is None else left - many
    return found


def _single(events: list[str]) -> Iterator[Occurrence]:
    days = sorted(_first_of(each) for each in events)
    for place, day in enumerate(days):
        yield Occurrence(f"{day.isoformat()}/{days[:place].count(day) + 1}", day, day)


def _repeated(repeat: dict[str, Any], since: date) -> Iterator[Occurrence]:
    last = _last_day(repeat)
    found = (
        Occurrence(f"{begins.isoformat()}/{number}", begins, ends)
        for begins, ends, many in _times(repeat, _beginning(repeat, since)) for number in range(1, many + 1)
    )  # fmt: skip
    for each in islice(found, repeat.get("count")):
        if each.first > last:
            return
        yield each


def _times(repeat: dict[str, Any], first: date) -> Iterator[tuple[date, date, int]]:
    """First and last day, and how many deliveries: a day each, or where only a number is said, the whole time."""
    unit, every, days = repeat["periodUnit"], int(repeat["period"]), repeat.get("dayOfWeek") or ()
    daily, often = len(repeat.get("timeOfDay") or ()), int(repeat.get("frequency", 1))
    for turn in count_from():
        begins = _after(first, unit, turn * every)
        if begins >= _LAST:
            return
        if days:
            monday = begins - timedelta(days=begins.weekday())
            named = sorted(monday + timedelta(days=DAYS.index(day)) for day in days)
            yield from ((day, day, max(daily, 1)) for day in named if day >= first)
        elif daily or often == 1:
            yield begins, begins, max(daily, 1)
        else:
            yield begins, _after(first, unit, (turn + 1) * every) - timedelta(days=1), often


def _after(day: date, unit: str, many: int) -> date:
    if unit != "mo":
        days = many * (7 if unit == "wk" else 1)
        return min(day + timedelta(days=days), _LAST) if days < (_LAST - day).days else _LAST
    years, month = divmod(day.month - 1 + many, 12)
    year = day.year + years
    if year >= _LAST.year:
        return _LAST
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _beginning(repeat: dict[str, Any], since: date) -> date:
    start = (repeat.get("boundsPeriod") or {}).get("start")
    return _first_of(start) if start else since


def _last_day(repeat: dict[str, Any]) -> date:
    end = (repeat.get("boundsPeriod") or {}).get("end")
    return min(date_of(day_at(bounds(str(end))[1] - 1)), _LAST) if end else _LAST


def _is_followed(text: Any) -> bool:
    try:
        return _FIRST <= _first_of(text) < _LAST
    except (ValueError, OverflowError):
        return False


def _first_of(text: Any) -> date:
    return date_of(day_at(bounds(str(text))[0]))
