"""For whom the Patient Activation Measure is to be used, from which day: a dated policy (000 §5.6).

2020/21: people with newly diagnosed type 2 diabetes (PC-017) and people referred to social prescribing link workers
(PC-018). Later years extend it by cohorts to be confirmed (PC-024, PC-030, PC-036): these are published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class PamCohort:
    """A cohort of cohort-service for which the measure is used from `first` to `last` (inclusive; None: no end)."""

    cohort: str
    version: int
    first: date
    last: date | None
    source: str

    def holds_on(self, day: date) -> bool:
        """Whether the measure is to be used for the cohort on a day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def due_since(self, listed: date) -> date:
        """When somebody who is on the list since a day became due."""
        return max(self.first, listed)


def cohorts_on(versions: Iterable[PamCohort], day: date) -> list[PamCohort]:
    """The version of each cohort that holds on a day: of those that have begun the newest, unless it has ended."""
    begun: dict[str, PamCohort] = {}
    for each in sorted(versions, key=lambda policy: policy.version):
        if each.first <= day:
            begun[each.cohort] = each
    return [each for each in begun.values() if each.holds_on(day)]


def is_due(due_since: date, measured: datetime | None) -> bool:
    """Whether no measurement answers it; `measured` is the last one.

    One of the twelve months before counts too: records of the diagnosis or the referral may come here after that of the
    measurement. Twelve months are ours, as they are in the definitions of the two cohorts.
    """
    return measured is None or london_date(measured) < _a_year_before(due_since)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
