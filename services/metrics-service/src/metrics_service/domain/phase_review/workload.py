"""What a target asks of a network in hours, and how far its staff go (PC-055, PCN-048).

What one counted thing takes, and who does it, stands in the definition (`workload`), with its source; a post has 37.5
hours a week (Agenda for Change, full time) and 42 weeks a year (ours: 52 less leave, study and sickness).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from metrics_service.domain.measures.definition import PER, Definition, Target
from metrics_service.domain.measures.figure import Part

HOURS_OF_A_POST: Final = 37.5 * 42
"""In a year."""


@dataclass(frozen=True, slots=True)
class Load:
    """`needed` is how many things or people the least that is aimed at comes to; `hours` what they take in all.

    `available` are the hours of the staff in post who do it. None where it is not known.
    """

    needed: int | None
    hours: float | None
    available: float | None

    @property
    def short(self) -> float | None:
        """How many hours are lacking; 0 where there are enough."""
        return None if self.hours is None or self.available is None else max(0.0, self.hours - self.available)


def load_of(
    definition: Definition, target: Target, denominator: float | None, staff: Mapping[str, float]
) -> Load:
    """What a target asks for. `denominator` is what the figure is divided by, `staff` posts (WTE) by role."""
    per = PER.get(definition.unit)
    needed = None
    if target.minimum is not None:
        if per is None:
            needed = ceil(target.minimum)
        elif denominator:
            needed = ceil(target.minimum / per * denominator - 1e-9)
    work = definition.workload
    if work is None:
        return Load(needed, None, None)
    hours = None if needed is None else needed * work.minutes / 60
    return Load(needed, hours, hours_of(work.roles, staff))


def load_of_everybody(definition: Definition, whole: Part | None, staff: Mapping[str, float]) -> Load:
    """Where nothing is aimed at: what all those take whom the measure is about. Of a share these are all that could be
    counted, else what was counted.
    """
    work = definition.workload
    if work is None or whole is None:
        return Load(None, None, None)
    needed = ceil(whole.numerator if whole.denominator is None else whole.denominator)
    return Load(needed, needed * work.minutes / 60, hours_of(work.roles, staff))


def hours_of(roles: Iterable[str], staff: Mapping[str, float]) -> float:
    """Hours in a year of all posts of these roles."""
    return sum(staff.get(role, 0.0) for role in set(roles)) * HOURS_OF_A_POST


def together(loads: Iterable[tuple[Definition, Load]], staff: Mapping[str, float]) -> Load:
    """All targets of a service: hours add up, and each role's hours count once."""
    known = [(definition.workload, load) for definition, load in loads if definition.workload is not None]
    if not known or any(load.hours is None for _, load in known):
        return Load(None, None, None)
    roles = {role for work, _ in known for role in work.roles}
    return Load(None, sum(load.hours or 0.0 for _, load in known), hours_of(roles, staff))
