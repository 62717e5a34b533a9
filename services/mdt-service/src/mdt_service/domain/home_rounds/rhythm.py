"""Whether rounds are held each week, and at least fortnightly by a GP, worked out from the rounds that were held.

EHCH-027, EHCH-029, 000 §3.16 requirement 6. Days are days in London since 1970 (`tandem.london_days`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from tandem.london_days import day_number

WEEK: Final = 7
_A_MONDAY: Final = day_number(date(2020, 9, 28))


@dataclass(frozen=True, slots=True)
class HeldRound:
    """A round that was held: whether it counts for the week, and whether it counts as led by a GP."""

    day: int
    counts: bool
    gp_led: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a GP-led round: since the last (or the start), broken on a day, until the next (None: open)."""

    since: int
    broken: int
    until: int | None


def monday_of(day: int) -> int:
    """The Monday of the week of a day."""
    return day - (day - _A_MONDAY) % WEEK


def first_week(start: int) -> int:
    """The Monday of the first whole week from a day on."""
    return monday_of(start + WEEK - 1)


def weeks_owed(start: int, end: int | None, as_of: int) -> range:
    """The Mondays of the whole weeks from `start` that were over before `as_of` and by the last day `end`."""
    over = min(as_of, end + 1) if end is not None else as_of
    return range(first_week(start), over - WEEK + 1, WEEK)


def missed_weeks(rounds: Iterable[HeldRound], start: int, end: int | None, as_of: int) -> list[int]:
    """The Mondays of the weeks without a round that counts."""
    held = {monday_of(each.day) for each in rounds if each.counts}
    return [monday for monday in weeks_owed(start, end, as_of) if monday not in held]


def gp_gaps(
    rounds: Iterable[HeldRound], start: int, end: int | None, as_of: int, most_days: int
) -> list[Gap]:  # fmt: skip
    """Every time of more than `most_days` days without a GP-led round, from `start` to `as_of` or `end`."""
    last_day = as_of if end is None else min(as_of, end)
    days = sorted({each.day for each in rounds if each.gp_led and start <= each.day <= last_day})
    gaps, since = [], start
    for day in (*days, None):
        until = day if day is not None else last_day
        if until - since > most_days:
            gaps.append(Gap(since, since + most_days + 1, day))
        if day is not None:
            since = day
    return gaps


def last_gp_led(rounds: Iterable[HeldRound], start: int, as_of: int) -> int:
    """The day of the last GP-led round up to `as_of`, not before the day from which on they are owed."""
    return max((each.day for each in rounds if each.gp_led and start <= each.day <= as_of), default=start)
