"""What a commissioner is shown of a figure: see `tandem.small_numbers`."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.small_numbers import disclosed_number


@dataclass(frozen=True, slots=True)
class Count:
    """Of one population: `count` is what it counts, `people` the people they are about."""

    count: int
    people: int


def disclosed(counted: Count) -> Count | None:
    """The figure as it is shown, or None when it is not: also when many things are about few people."""
    count, people = disclosed_number(counted.count), disclosed_number(counted.people)
    return None if count is None or people is None else Count(count, people)
