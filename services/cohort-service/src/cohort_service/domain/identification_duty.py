"""How often people must be looked for: twice in any twelve months, six months apart (SMR-030), and by a day (AC-035).

A duty is looked at practice by practice, because a practice answers for the people registered with it; a network is
behind while one of its practices is. Sources: 000 paragraph 2.15 bullet 2 and paragraph 4.12 requirement 3.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class DutyRule:
    """`begins` is the first day of the duty. `every_months` repeats it; with None it is to be met once, by `first_by`.

    `first_by` is the last day for the first run; without it that is `every_months` after `begins`. `tolerance_days` are
    granted after the gap, and `notice_days` before it the event `due` is given.
    """

    service: str
    begins: date
    every_months: int | None = None
    first_by: date | None = None
    tolerance_days: int = 0
    notice_days: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one practice, or a network as a whole, stands with a duty.

    `last` is the day of the last complete run; `due` the last day on which the next one is in time, None when nothing
    more is owed. `in_twelve_months` counts the complete runs of the twelve months up to the day looked at.
    """

    last: date | None
    due: date | None
    overdue: bool
    in_twelve_months: int


def standing(rule: DutyRule, runs: Iterable[date], today: date, *, since: date | None = None) -> Standing:
    """The standing of one practice whose people were looked through, completely, on the days `runs` (SMR-030).

    `since` is the day on which the practice joined, when that is later than the duty: nobody owes a run before. Runs of
    later days than `today` are not seen yet.
    """
    seen = sorted({day for day in runs if day <= today})
    last = seen[-1] if seen else None
    due = _due(rule, last, since)
    year = sum(day > add_months(today, -12) for day in seen)
    return Standing(last, due, due is not None and today > due, year)


def standing_together(standings: Iterable[Standing]) -> Standing:
    """The standing of a network: as old as its oldest practice, and owed as early as by the first that owes a run.

    A run of one practice of several therefore clears that practice only. A network without practices owes nothing.
    """
    each = list(standings)
    if not each:
        return Standing(None, None, False, 0)
    lasts = [one.last for one in each]
    known = [last for last in lasts if last is not None]
    last = min(known) if len(known) == len(lasts) else None
    due = min((one.due for one in each if one.due is not None), default=None)
    return Standing(last, due, any(one.overdue for one in each), min(one.in_twelve_months for one in each))


def gaps_too_long(rule: DutyRule, runs: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """The pairs of neighbouring runs that were further apart than the duty allows, for the record."""
    if rule.every_months is None:
        return ()
    ordered = sorted(set(runs))
    return tuple(
        (earlier, later)
        for earlier, later in pairwise(ordered)
        if later > _latest_after(rule, earlier)
    )


def notice_day(rule: DutyRule, due: date) -> date:
    """The day on which it is said that a run will be due."""
    return due - timedelta(days=rule.notice_days)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of the month where it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_complete(required: Collection[str], considered: Collection[str]) -> bool:
    """Whether a run considered every cohort that it must (SMR-031); where nothing is required no run is complete."""
    return bool(required) and set(required) <= set(considered)


def _due(rule: DutyRule, last: date | None, since: date | None) -> date | None:
    if last is not None:
        return _latest_after(rule, last) if rule.every_months is not None else None
    begins = max(rule.begins, since) if since is not None else rule.begins
    if rule.first_by is not None:
        return max(rule.first_by, begins)
    return _latest_after(rule, begins)


def _latest_after(rule: DutyRule, day: date) -> date:
    assert rule.every_months is not None, "a duty that is not repeated has no next day"
    return add_months(day, rule.every_months) + timedelta(days=rule.tolerance_days)
