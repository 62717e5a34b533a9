"""How a duty stands on a day: worked out when it is asked for, as of any day, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOT_YET: Final = "not-yet"
DUE: Final = "due"
OVERDUE: Final = "overdue"
MET: Final = "met"
LAPSED: Final = "lapsed"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (NOT_YET, DUE, OVERDUE, MET, LAPSED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class DutyDays:
    """The days of one duty, in London, as numbers since 1970. `until` is the last day its evidence holds."""

    first: int
    due: int
    met: int | None = None
    until: int | None = None
    withdrawn: int | None = None


def standing(days: DutyDays, day: int) -> str:
    """The state of a duty at the end of a day.

    The day it is due still counts as due; it is overdue from the day after. What was met stays met, late or not, as
    long as its evidence holds; then it has lapsed. What is met before its first day is met.
    """
    if days.withdrawn is not None and days.withdrawn <= day:
        return WITHDRAWN
    if days.met is not None and days.met <= day:
        return LAPSED if days.until is not None and day > days.until else MET
    if day > days.due:
        return OVERDUE
    return DUE if day >= days.first else NOT_YET
