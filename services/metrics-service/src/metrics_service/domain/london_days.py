"""Days in London as whole numbers (date.toordinal()), and which day a FHIR date means.

A measure counts by days, so that a date without a time and an instant can be compared, summer time or not.
http://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from tandem.clock import from_micros
from tandem.identity.periods import bounds
from tandem.london_days import london_date

Day = int


def day_at(moment: datetime) -> Day:
    """The day in London at an aware datetime."""
    return london_date(moment).toordinal()


def first_day(text: str) -> Day:
    """The day of a FHIR date, dateTime or instant; of a year or month, its first. Raises ValueError for other text."""
    if "T" in text:
        return day_at(from_micros(bounds(text)[0]))
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1).toordinal()


def given_day(text: object) -> Day | None:
    """The day of what stands where a FHIR date does; None when nothing does, or something else."""
    try:
        return first_day(text) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def last_day(text: str) -> Day:
    """The same, but of a year or month the last day."""
    if "T" in text:
        return first_day(text)
    year, month, day = _parts(text)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1]).toordinal()


def day_after_end(text: str) -> Day:
    """The first day at whose end it is over: a date holds to its end, an instant ends within its day."""
    return first_day(text) if "T" in text else last_day(text) + 1


def written(day: Day) -> str:
    """The day as a FHIR date."""
    return date.fromordinal(day).isoformat()


def _parts(text: str) -> tuple[int, int, int]:
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    return year, month, day
