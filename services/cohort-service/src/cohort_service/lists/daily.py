"""Every day begins with an evaluation of everybody: birthdays and the ends of windows come without a write.

It is done in steps, each a timed event with a transaction of its own, so that none grows with the population. A clock
that was moved over many days begins once, on the day it was moved to.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from cohort_service.lists.evaluation import evaluate_next
from tandem.clock import LONDON
from tandem.events.event import Event
from tandem.london_days import london_date
from tandem.service import Work

DAY_BEGAN = "tandem.lists.day-began"
STEP = "tandem.lists.evaluation-step"
PEOPLE_PER_STEP = 500
"""As many as are in memory at once, so that fewer steps would save nothing. Everybody may come onto lists for the first
time, and a step has no more than the seconds of a handler: 2,000 people took longer on a busy machine."""

_AFTER_MIDNIGHT = timedelta(minutes=5)


async def expect_next_day(work: Work) -> None:
    """At a start: the next day is expected, unless one is expected or overdue already."""
    expected = await work.connection.fetchval("SELECT 1 FROM due WHERE kind = $1 AND fired_at IS NULL", DAY_BEGAN)
    if expected is None:
        await work.schedule(DAY_BEGAN, "lists", _next_day(work.now), {})


async def day_began(event: Event, work: Work) -> None:
    """Begin with the first people, and expect the day after the one it is now."""
    await work.schedule(DAY_BEGAN, "lists", _next_day(work.now), {})
    await _step(work, 0)


async def take_step(event: Event, work: Work) -> None:
    """Evaluate some people; the next ones are another step."""
    last = await evaluate_next(work, int((event.data or {})["after"]), PEOPLE_PER_STEP)
    if last is not None:
        await _step(work, last)


async def _step(work: Work, after: int) -> None:
    # The key is where it goes on, so that the steps of one day are used again on the next.
    await work.schedule(STEP, str(after), work.now, {"after": after})


def _next_day(now: datetime) -> datetime:
    """Shortly after the next midnight in London, whatever the clocks do that night."""
    return datetime.combine(london_date(now) + timedelta(days=1), time(), LONDON) + _AFTER_MIDNIGHT
