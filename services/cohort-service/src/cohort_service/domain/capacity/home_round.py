"""The hours of GPs that home rounds need, and those that are paid for (EHCH-086).

000 paragraph 3.16: at least every fortnight the round of a home is led by a GP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cohort_service.domain.capacity.assumptions import Assumptions

_GP = "EHCH.gp"


@dataclass(frozen=True, slots=True)
class RoundCapacity:
    """Hours in a year; `by_home` what each home needs."""

    homes: int
    residents: int
    needed: float
    funded: float
    shortfall: float
    by_home: Mapping[str, float]


def round_capacity(residents: Mapping[str, int], assumptions: Assumptions) -> RoundCapacity:
    """The capacity for these homes (code -> residents of the network's practices who live there)."""
    of_home = assumptions.value(f"{_GP}.home-round.minutes") * assumptions.value(f"{_GP}.home-round.per-year")
    of_resident = (
        assumptions.value(f"{_GP}.resident-seen.minutes") * assumptions.value(f"{_GP}.resident-seen.per-year")
        * assumptions.value(f"{_GP}.residents-seen-each-round.percent") / 100
    )  # fmt: skip
    by_home = {home: (of_home + people * of_resident) / 60 for home, people in residents.items()}
    people, needed = sum(residents.values()), sum(by_home.values())
    price = assumptions.value(f"{_GP}.hour-of-gp.pounds")
    paid = people * assumptions.value(f"{_GP}.payment-per-bed.pounds")
    funded = paid / price if price else 0.0
    return RoundCapacity(len(residents), people, needed, funded, max(0.0, needed - funded), by_home)
