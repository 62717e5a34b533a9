"""Whether the same people come to the rounds of a home (EHCH-031, 000 §3.16 requirement 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consistency:
    """The core team (references), the share of it that was present each time, latest last, and whether that is low."""

    core: tuple[str, ...]
    shares: tuple[float, ...]
    low: bool

    @property
    def mean(self) -> float:
        """The mean share; 0 without rounds."""
        return sum(self.shares) / len(self.shares) if self.shares else 0.0


def consistency(
    present: Sequence[Collection[str]], named: Collection[str], rounds: int, least_share: float
) -> Consistency:  # fmt: skip
    """Of the last `rounds` rounds, given by who was present.

    The core team is who was `named` for the series, else whoever was at half of these rounds or more. It is low when
    the mean share is below `least_share`, or nobody but one person came regularly; of fewer rounds nothing is said.
    """
    looked_at = present[-rounds:]
    counted = Counter(each for team in looked_at for each in set(team))
    regular = [each for each, times in counted.items() if 2 * times >= len(looked_at)]
    core = tuple(sorted(named or regular))
    shares = tuple(len(set(team) & set(core)) / len(core) if core else 0.0 for team in looked_at)
    found = Consistency(core, shares, False)
    low = len(looked_at) == rounds and (len(core) < 2 or found.mean < least_share)
    return Consistency(core, shares, low)
