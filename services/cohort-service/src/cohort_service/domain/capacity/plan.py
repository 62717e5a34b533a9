"""How far hours go: an order of offer by risk, month by month until the hours are used up (SMR-055)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody identified. `priority` and `points` order the offers; `offered` says whether this year's was made."""

    patient: str
    practice: str
    priority: int
    points: int
    offered: bool = False

    @property
    def place(self) -> tuple[int, int, str]:
        """Sorts those first who are offered first: judged amenable, then by points."""
        return (-self.priority, -self.points, self.patient)


@dataclass(frozen=True, slots=True)
class MonthOfOffers:
    """`people` to be offered it in the month, out of `hours`; points of the first and of the last of them."""

    month: str
    hours: float
    people: int
    highest: int | None
    lowest: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` identified, `offered` already this year; `reached` more can be offered it. Hours are of this year.

    `rate` is the achievable offer rate in percent, rounded down to a tenth; None when nobody was identified. `order`
    are those still to be offered it, in the order of offer, with the month of each, None for whom no hours are left.
    """

    people: int
    offered: int
    hours_needed: float
    hours_available: float
    reached: int
    rate: float | None
    months: tuple[MonthOfOffers, ...]
    order: tuple[tuple[Candidate, str | None], ...]


def plan(
    candidates: Sequence[Candidate], minutes: float, uptake_percent: float, hours: Sequence[tuple[str, float]]
) -> Plan:
    """The plan. `minutes` of work a person, of whom `uptake_percent` take it up; `hours` there are, by month in order.

    Hours that one month leaves over go into the next, so that no rounding loses an offer.
    """
    waiting = sorted((each for each in candidates if not each.offered), key=lambda each: each.place)
    per_offer = minutes / 60 * uptake_percent / 100
    months, available, reached = [], 0.0, 0
    order: list[tuple[Candidate, str | None]] = []
    for month, there in hours:
        available += there
        # asked this way round, because work of next to nothing would make the quotient endless
        enough = len(waiting) * per_offer <= available
        upto = len(waiting) if enough else floor(available / per_offer + 1e-9)
        batch = waiting[reached:upto]
        points = [each.points for each in batch]
        months.append(MonthOfOffers(month, there, len(batch), max(points, default=None), min(points, default=None)))
        order += [(each, month) for each in batch]
        reached = max(reached, upto)
    order += [(each, None) for each in waiting[reached:]]
    offered = len(candidates) - len(waiting)
    rate = floor((offered + reached) * 1000 / len(candidates)) / 10 if candidates else None
    return Plan(
        len(candidates), offered, len(waiting) * per_offer, available, reached, rate, tuple(months), tuple(order)
    )
