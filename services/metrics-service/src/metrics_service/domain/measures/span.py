"""The days that are counted, and the moment as of which."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

from metrics_service.domain.london_days import Day
from metrics_service.domain.measures.definition import Baseline
from tandem.london_days import beginning_of, day_number


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, both included. `known` is the moment (microseconds) whose knowledge counts; None is now."""

    first: Day
    last: Day
    known: int | None = None

    def years_before_end(self, years: int) -> Day:
        """The latest birthday of whoever is at least so old at the end."""
        end = date.fromordinal(self.last)
        if end.year - years < MINYEAR:
            return 0
        if end.year - years > MAXYEAR:
            return date.max.toordinal()
        try:
            return end.replace(year=end.year - years).toordinal()
        except ValueError:
            # Born on 29 February, one is a year older on 1 March.
            return end.replace(year=end.year - years, day=28).toordinal()

    def months_before_end(self, months: int) -> Day:
        """The day after the one so many months before the last day: the first of the window."""
        end = date.fromordinal(self.last) + timedelta(days=1)
        number = end.year * 12 + end.month - 1 - months
        year, month = divmod(number, 12)
        day = min(end.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day).toordinal()


def beginning_of_day_after(day: date) -> int:
    """The microseconds at which the day after it begins in London."""
    return beginning_of(day_number(day) + 1)


def compared_with(baseline: Baseline, span: Span) -> Span:
    """The days of a baseline; as it was known at the same moment, or earlier where it is frozen."""
    if baseline.known is not None:
        frozen = beginning_of_day_after(baseline.known) - 1
        span = replace(span, known=frozen if span.known is None else min(span.known, frozen))
    if baseline.days_before:
        return replace(span, first=2 * span.first - span.last - 1, last=span.first - 1)
    if baseline.first is not None and baseline.last is not None:
        return replace(span, first=baseline.first.toordinal(), last=baseline.last.toordinal())
    return replace(span, first=_year_before(span.first), last=_year_before(span.last))


def _year_before(day: Day) -> Day:
    this = date.fromordinal(day)
    try:
        return this.replace(year=this.year - 1).toordinal()
    except ValueError:
        return this.replace(year=this.year - 1, day=28).toordinal()
