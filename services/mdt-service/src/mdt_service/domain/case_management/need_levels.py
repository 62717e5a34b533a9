"""Levels of need: how often and how long somebody is contacted, and how soon reviewed again (PCPC-049, PCPC-053)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One level: days between contacts, minutes of one, weeks between reviews."""

    name: str
    contact_days: int
    contact_minutes: int
    review_weeks: int


@dataclass(frozen=True, slots=True)
class NeedLevels:
    """One version, in force from its first day; the lowest level first. `ahead` contacts are planned at a time."""

    version: str
    first: date
    ahead: int
    levels: tuple[Level, ...]

    def named(self, name: str | None) -> Level | None:
        """The level of this name."""
        return next((each for each in self.levels if each.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, the lowest first."""
        return tuple(each.name for each in self.levels)

    def step(self, before: str | None, after: str) -> str:
        """`begun`, `up`, `down` or `unchanged`: how an arrangement differs from the one before."""
        if before is None or before not in self.names or after not in self.names:
            return "begun" if before is None else "changed"
        change = self.names.index(after) - self.names.index(before)
        return "up" if change > 0 else "down" if change < 0 else "unchanged"


def levels_of(told: Mapping[str, Any]) -> NeedLevels:
    """A version from YAML."""
    levels = tuple(
        Level(each["name"], int(each["contact_days"]), int(each["contact_minutes"]), int(each["review_weeks"]))
        for each in told["levels"]
    )
    return NeedLevels(str(told["version"]), told["first"], int(told["contacts_ahead"]), levels)


def in_force(versions: Sequence[NeedLevels], day: date) -> NeedLevels:
    """The version in force on a day; before the first of all, that one."""
    ordered = sorted(versions, key=lambda each: each.first)
    return next((each for each in reversed(ordered) if each.first <= day), ordered[0])
