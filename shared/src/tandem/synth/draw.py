"""Chance that repeats: the same seed draws the same, on every machine and Python version.

Only `Random.random()` is used, because of all methods of `Random` it alone is promised to stay as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of draws, named by what it is for."""

    def __init__(self, *name: object) -> None:
        self._next = Random("\x1f".join(map(str, name))).random

    def chance(self, probability: float) -> bool:
        return self._next() < probability

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._next() * len(choices))]

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def weighted(self, weights: Sequence[float]) -> int:
        """The place of the weight that was drawn."""
        mark = self._next() * sum(weights)
        for place, weight in enumerate(weights):
            mark -= weight
            if mark < 0:
                return place
        return len(weights) - 1

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different choices, or all when there are fewer."""
        left = list(choices)
        return [left.pop(int(self._next() * len(left))) for _ in range(min(count, len(left)))]

    def bell(self, mean: float, spread: float) -> float:
        """Roughly normal: the sum of four draws, with the standard deviation `spread`."""
        total = self._next() + self._next() + self._next() + self._next()
        return mean + (total - 2.0) * spread * 1.732

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included; `first` when it is not before `last`."""
        return first + timedelta(days=int(self._next() * (max((last - first).days, 0) + 1)))
