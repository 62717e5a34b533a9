"""When reports fall due: every three months, and overdue on the next day (PCPC-093)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from metrics_service.domain.scheme.terms import Scheme

State = Literal["upcoming", "due", "overdue", "submitted"]


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The days that a report is about, both included, and the last day on which it is in time."""

    first: date
    last: date
    due: date

    def state(self, submitted: date | None, today: date) -> State:
        """How the report of this period stands; `submitted` is the day on which it was."""
        if submitted is not None:
            return "submitted"
        if today > self.due:
            return "overdue"
        return "due" if today >= self.last else "upcoming"


def report_periods(scheme: Scheme) -> list[ReportPeriod]:
    """The periods of the scheme, the earliest first."""
    found, first = [], scheme.first
    while first <= scheme.last:
        last = min(_last_day_after(first, scheme.every_months), scheme.last)
        terms = scheme.terms_on(last)
        assert terms is not None, "terms follow each other without a gap"
        found.append(ReportPeriod(first, last, last + timedelta(days=terms.due_days)))
        first = last + timedelta(days=1)
    return found


def period_ending(scheme: Scheme, last: date) -> ReportPeriod | None:
    """The period that ends on a day; None when none does."""
    return next((each for each in report_periods(scheme) if each.last == last), None)


def months_of(first: date, last: date) -> Iterator[date]:
    """The first day of each month from the one of `first` to that of `last`."""
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def _last_day_after(first: date, months: int) -> date:
    month = first.month - 1 + months - 1
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, monthrange(year, month)[1])
