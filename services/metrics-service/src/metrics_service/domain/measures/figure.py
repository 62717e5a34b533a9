"""A figure: what a measure comes to, for some people over some days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from metrics_service.domain.measures.clause import Population
from metrics_service.domain.measures.definition import AVERAGES, PER, Definition, Target
from metrics_service.domain.measures.span import Span


@dataclass(frozen=True, slots=True)
class Part:
    """A numerator, its denominator (None where the unit has none), and the people who stand behind the numerator."""

    numerator: float
    denominator: float | None
    people: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Of one measure, by practice of the area, and by stratifier and then its value.

    `without_list_size` are practices whose list size is not known: then there is no value. `excluded` are the people
    whom the exclusions took out, `included` the same figure with them left in. `others` are its further populations.
    """

    definition: Definition
    span: Span
    whole: Part
    by_practice: Mapping[str, Part] = field(default_factory=dict)
    strata: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    excluded: int | None = None
    included: Part | None = None
    others: Mapping[str, Part] = field(default_factory=dict)
    without_list_size: tuple[str, ...] = ()
    baseline: Figure | None = None
    target: Target | None = None

    @property
    def change(self) -> tuple[float, float | None] | None:
        """Since the baseline: in the unit of the measure, and in percent; None where one of the two is no figure."""
        before = self.baseline.value if self.baseline is not None else None
        if before is None or self.value is None:
            return None
        return self.value - before, 100 * (self.value - before) / before if before else None

    @property
    def flagged(self) -> bool:
        """Whether it changed since its baseline in the way that the definition watches for.

        Added load is more of what stands below with a falling share of it: rising referrals with falling conversion
        (002 ECD key3, ECD-068).
        """
        change, watch = self.change, self.definition.watch
        if change is None or watch is None:
            return False
        if watch == "rise":
            return change[0] > 0
        return change[0] < 0 and (watch == "fall" or self._rose_below)

    @property
    def _rose_below(self) -> bool:
        before = self.baseline.whole.denominator if self.baseline is not None else None
        return before is not None and (self.whole.denominator or 0) > before

    @property
    def further(self) -> int | None:
        """How many more would have to be counted above to reach the least that is aimed at; of a share alone."""
        least = self.target.minimum if self.target is not None else None
        if least is None or not self.whole.denominator or self.definition.unit not in PER:
            return None
        wanted = least / PER[self.definition.unit] * self.whole.denominator
        return max(0, ceil(wanted - self.whole.numerator - 1e-9))

    @property
    def value(self) -> float | None:
        """In the unit of the measure; None where there is nothing to divide by."""
        return None if self.without_list_size else value_of(self.definition, self.whole)


def nothing_of(definition: Definition) -> Part:
    """The part of those of whom nothing is counted."""
    below = definition.denominator
    if definition.numerator.count in AVERAGES or isinstance(below, Population):
        return Part(0.0, 0.0, 0)
    return Part(0.0, below if isinstance(below, float) else None, 0)


def value_of(definition: Definition, part: Part) -> float | None:
    """What a part comes to in the unit of the measure. Nothing divided by nought is no figure."""
    if definition.unit not in PER:
        return None if part.denominator == 0 else part.numerator
    if not part.denominator:
        return None
    return PER[definition.unit] * part.numerator / part.denominator
