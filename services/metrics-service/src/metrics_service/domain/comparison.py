"""Comparing a figure with others without a league table: quartiles of peers, and limits of chance in a funnel.

Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 2005;24:1185: around the
figure of all together, limits within which 95% and 99.8% would lie if chance alone made the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import quantiles
from typing import Final, Literal

FEWEST_PEERS: Final = 5
"""With fewer, quartiles say little, and a figure could be told from them."""
WARNING: Final = 1.96
ALARM: Final = 3.09

Place = Literal["within", "high", "low", "far-high", "far-low"]
_BEYOND: Final[tuple[tuple[float, Place, Place], ...]] = ((ALARM, "far-high", "far-low"), (WARNING, "high", "low"))


@dataclass(frozen=True, slots=True)
class Quartiles:
    """A quarter of the `peers` lie below `lower`, a half below `middle`, three quarters below `upper`."""

    lower: float
    middle: float
    upper: float
    peers: int

    def quarter(self, value: float) -> Literal["lowest", "second", "third", "highest"]:
        """In which quarter a value lies."""
        if value < self.lower:
            return "lowest"
        if value < self.middle:
            return "second"
        return "third" if value <= self.upper else "highest"


def quartiles_of(values: Sequence[float]) -> Quartiles | None:
    """The quartiles of the peers' figures; None for fewer than five."""
    if len(values) < FEWEST_PEERS:
        return None
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    return Quartiles(lower, middle, upper, len(values))


@dataclass(frozen=True, slots=True)
class Funnel:
    """Limits around `centre`, a figure in units of `per` (100 for percent). `share`: binomial, else Poisson."""

    centre: float
    per: float
    share: bool

    def limits(self, denominator: float, deviations: float) -> tuple[float, float]:
        """Between which figures of this denominator lie by chance; never below 0, nor above all of a share."""
        rate = self.centre / self.per
        variance = rate * (1 - rate) if self.share else rate
        away = deviations * sqrt(max(variance, 0.0) / denominator) * self.per
        highest = self.per if self.share else float("inf")
        return max(0.0, self.centre - away), min(highest, self.centre + away)

    def place(self, value: float, denominator: float) -> Place:
        """Where a figure lies."""
        for deviations, high, low in _BEYOND:
            lower, upper = self.limits(denominator, deviations)
            if value > upper:
                return high
            if value < lower:
                return low
        return "within"
