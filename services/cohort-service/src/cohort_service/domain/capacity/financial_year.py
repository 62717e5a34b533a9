"""Financial years (`2020/21`, April to March) and their months. Days are numbers as in facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tandem.london_days import date_of, day_number

_YEAR = re.compile(r"(\d{4})/(\d\d)")


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
    on = date_of(day)
    begins = on.year if on.month >= 4 else on.year - 1
    return f"{begins}/{(begins + 1) % 100:02}"


def first_day(year: str) -> int:
    """Raises ValueError for a text that is no financial year."""
    match = _YEAR.fullmatch(year)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]) or not 1970 <= int(match[1]) < 9000:
        raise ValueError("a financial year is written such as 2020/21")
    return day_number(date(int(match[1]), 4, 1))


def last_day(year: str) -> int:
    """Raises ValueError for a text that is no financial year."""
    begins = date_of(first_day(year))
    return day_number(date(begins.year + 1, 3, 31))


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
