"""Financial years (`2020/21`, April to March) and their months. Days are numbers as in facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tandem.london_days import date_of, day_number
from tandem.nhs import financial_year


@dataclass(frozen=True, slots=True)
class Month:
    """What is left of a month: from `first` to `last` (both included), `share` of its days."""

    first: int
    last: int
    share: float

    @property
    def name(self) -> str:
        """Such as `2020-07`."""
        return date_of(self.first).isoformat()[:7]


def year_of(day: int) -> str:
    """The financial year in which a day is."""
    return financial_year.year_of(date_of(day))


def first_day(year: str) -> int:
    """Raises ValueError for a text that is no financial year."""
    return day_number(financial_year.first_day(year))


def last_day(year: str) -> int:
    """Raises ValueError for a text that is no financial year."""
    return day_number(financial_year.last_day(year))


def months_left(year: str, today: int) -> list[Month]:
    """The months of the year from `today` on; of the present one what is left of it."""
    begins = date_of(first_day(year)).year
    found = []
    for place in range(12):
        first = day_number(date(begins + (3 + place) // 12, (3 + place) % 12 + 1, 1))
        following = day_number(date(begins + (4 + place) // 12, (4 + place) % 12 + 1, 1))
        start = max(first, today)
        if start < following:
            found.append(Month(start, following - 1, (following - start) / (following - first)))
    return found
