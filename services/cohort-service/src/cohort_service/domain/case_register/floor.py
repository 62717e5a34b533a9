"""How much of a practice's list a register has to hold (PCPC-016, PCPC-028); dated, in `parameters.json`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from math import ceil
from typing import Any, Literal

from tandem.fhir.body import decode

State = Literal["met", "below-floor", "list-size-missing", "no-floor"]


@dataclass(frozen=True, slots=True)
class Floor:
    """A share of the list in percent, with the paragraph that sets it."""

    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """How a register stands. `percent` has two decimals and is None where the list is empty or not known.

    `shortfall` is how many people are missing to the floor.
    """

    state: State
    percent: Decimal | None
    shortfall: int


def register_floor(day: date) -> Floor | None:
    """The floor of the complex and frail register on a day (PCPC-016); None before there was one."""
    return _in_force("register-floor", day)


def unplanned_admissions_floor(day: date) -> Floor | None:
    """The floor of the register for avoiding unplanned admissions, which is a scheme of its own (PCPC-028)."""
    return _in_force("unplanned-admissions-floor", day)


def check(people: int, registered: int | None, floor: Floor | None) -> Check:
    """Hold the people on a register against the people registered (raw, not weighted).

    The share is rounded down, so that what is below the floor never looks as if it met it.
    """
    if not registered:
        return Check("list-size-missing", None, 0)
    share = (Decimal(people) * 100 / registered).quantize(Decimal("0.01"), ROUND_DOWN)
    if floor is None:
        return Check("no-floor", share, 0)
    needed = ceil(Fraction(floor.percent) * registered / 100)
    shortfall = max(0, needed - people)
    return Check("met" if shortfall == 0 else "below-floor", share, shortfall)


def _in_force(name: str, day: date) -> Floor | None:
    begun = [each for each in _file()[name] if each["from"] <= day.isoformat()]
    if not begun:
        return None
    newest = max(begun, key=lambda each: str(each["from"]))
    return Floor(Decimal(str(newest["percent"])), newest["source"])


@lru_cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = decode((files("cohort_service.domain.case_register") / "parameters.json").read_bytes())
    return read
