"""Small numbers: what somebody who cares for none of the people is shown of a count.

The rule of NHS England's Hospital Episode Statistics since 2018: nothing stays nothing, one to seven is not shown, and
every other number is rounded to the nearest five. The rounding is also why no second figure has to be hidden beside the
first: a total less its parts no longer gives the part that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_SMALL = 7
_ROUNDED_TO = 5


@dataclass(frozen=True, slots=True)
class Count:
    """Of one population: `count` is what it counts, `people` the people they are about."""

    count: int
    people: int


def disclosed(counted: Count) -> Count | None:
    """The figure as it is shown, or None when it is not: also when many things are about few people."""
    if any(0 < number <= LARGEST_SMALL for number in (counted.count, counted.people)):
        return None
    return Count(_rounded(counted.count), _rounded(counted.people))


def _rounded(number: int) -> int:
    return (number + _ROUNDED_TO // 2) // _ROUNDED_TO * _ROUNDED_TO
