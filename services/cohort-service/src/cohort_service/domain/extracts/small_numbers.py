"""Small-number care: what few people share could tell who they are, so it is coarsened or left out (AC-032).

A practice, network, age band, code or cohort that fewer people of the extract share than its `smallest` group is not
given. An age is a band of five years, else of twenty, else nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tandem.london_days import date_of

SMALLEST_GROUP = 10
"""Unless the caller asks for more."""
LEAST_SMALLEST_GROUP = 5
_OLDEST = 90


@dataclass(slots=True)
class Groups:
    """How many people share what; each person is counted once for each thing."""

    people: Counter[Hashable] = field(default_factory=Counter)

    def count(self, shared: Iterable[Hashable]) -> None:
        """Count one more person."""
        self.people.update(set(shared))

    def large(self, smallest: int) -> frozenset[Hashable]:
        """What at least so many people share."""
        return frozenset(shared for shared, people in self.people.items() if people >= smallest)


def age_band(born: int | None, today: int, width: int) -> str | None:
    """`65-69` (width 5) or `60-79` (width 20) for days as in facts; `90+` for all above; None without a birth date."""
    if born is None or born > today:
        return None
    birth, day = date_of(born), date_of(today)
    age = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    if age >= _OLDEST:
        return f"{_OLDEST}+"
    low = age // width * width
    return f"{low}-{min(low + width, _OLDEST) - 1}"


def age_bands(born: int | None, today: int) -> tuple[str, ...]:
    """The bands of a person, the narrowest first."""
    bands = (age_band(born, today, width) for width in (5, 20))
    return tuple(dict.fromkeys(band for band in bands if band is not None))
