"""Networks beside each other: who has how much of a measure, how far they lie apart, and which are alike (PCN-058).

Networks differ in what they have to do: in care homes, in the age of their people, in how far these live apart. So each
is shown with the networks that are most like it, and a rank says nothing by itself (002 concerns distribution).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median, pstdev

MOST_ALIKE = 3
"""How many others a network is matched with."""


@dataclass(frozen=True, slots=True)
class Variation:
    """Of the networks that have a figure; `ratio` is the highest over the lowest, None where that is nought."""

    lowest: float
    middle: float
    highest: float
    ratio: float | None


def ranks(values: Mapping[str, float | None]) -> dict[str, int]:
    """1 for the highest; those with one figure have one rank, and who has none has no rank."""
    known = [value for value in values.values() if value is not None]
    return {
        name: 1 + sum(other > value for other in known) for name, value in values.items() if value is not None
    }  # fmt: skip


def variation(values: Sequence[float]) -> Variation | None:
    """How far they lie apart; None for fewer than two."""
    if len(values) < 2:
        return None
    lowest, highest = min(values), max(values)
    return Variation(lowest, float(median(values)), highest, highest / lowest if lowest else None)


def most_alike(
    characteristics: Mapping[str, Mapping[str, float]], number: int = MOST_ALIKE
) -> dict[str, list[str]]:
    """For each network the `number` of others that are nearest to it, the nearest first.

    Each characteristic counts by how far two lie apart in standard deviations; one that either lacks is left out. Who
    has none in common is not matched.
    """
    names = sorted({name for each in characteristics.values() for name in each})
    spread = {
        name: pstdev([each[name] for each in characteristics.values() if name in each]) or 1.0 for name in names
    }  # fmt: skip
    found = {}
    for network, own in characteristics.items():
        distances = []
        for other, its in characteristics.items():
            common = [name for name in names if name in own and name in its]
            if other != network and common:
                away = sum(((own[name] - its[name]) / spread[name]) ** 2 for name in common) / len(common)
                distances.append((sqrt(away), other))
        found[network] = [other for _, other in sorted(distances)[:number]]
    return found
