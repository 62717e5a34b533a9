"""When a team meets, whether a meeting was missed, and when the next is due (AC-040; 000 §4.12 r4: meets regularly)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

from mdt_service.domain.meetings.meeting_transitions import HELD, OPEN
from tandem.clock import LONDON
from tandem.nhs.mdt_arrangement import Cadence

MOST = 60
"""The most meetings that are planned at once."""


def occurrences(first: datetime, cadence: Cadence, until: date) -> list[datetime]:
    """The beginnings of a series: at the same time by the clock on the wall, up to and with the last day.

    Never more than one above `MOST`, so that too many can be told.
    """
    found: list[datetime] = []
    local = first.astimezone(LONDON)
    for times in count():
        day = cadence.after(local.date(), times)
        if day > until or len(found) > MOST:
            return found
        found.append(datetime.combine(day, local.time(), LONDON))
    raise AssertionError("count never ends")


def state(status: str, day: int, ends: int, as_of: int, now: int) -> str:
    """What a meeting is on a day: `planned`, `held`, `overdue` (its time passed and nobody held it), `cancelled`.

    `day` and `as_of` are numbers of days, `ends` and `now` microseconds. Today counts to the present moment.
    """
    if status == HELD:
        return "held" if day <= as_of else "planned"
    if status in OPEN:
        return "overdue" if day < as_of or (day == as_of and ends <= now) else "planned"
    return "overdue" if status == "noshow" else "cancelled"


def next_due(last_held: date | None, began: date, cadence: Cadence | None) -> date | None:
    """The day by which a team meets next: one interval after it last did, else the day its series began."""
    if cadence is None:
        return None
    return cadence.after(last_held) if last_held is not None else began
