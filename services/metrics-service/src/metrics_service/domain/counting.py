"""What a population of a measure counts, as its definition says it; turned into SQL elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WHEN = ("opened", "reached", "opened-and-reached", "current")


@dataclass(frozen=True, slots=True)
class Count:
    """Facts of one kind (and code) that

    - `opened`: began within the period,
    - `reached`: were agreed, done or closed within it,
    - `opened-and-reached`: began within it and were done by its end, with `in_time` also by when they were due,
    - `current`: hold at its end.

    `people` counts each person and code once.
    """

    kind: str
    when: str
    code: str | None = None
    in_time: bool = False
    people: bool = False


def count_of(declared: dict[str, Any]) -> Count:
    """The Count of a definition's entry. Raises ValueError for a `when` that there is not."""
    if declared["when"] not in WHEN:
        raise ValueError(f"{declared['when']!r} is none of {', '.join(WHEN)}")
    return Count(**declared)
